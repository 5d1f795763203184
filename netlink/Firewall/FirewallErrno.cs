using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>The error numbers nf_tables and its socket answer with.</summary>
internal static class FirewallErrno
{
    public const int Permission = 1; // EPERM
    public const int NoEntry = 2; // ENOENT
    public const int Interrupted = 4; // EINTR
    public const int Again = 11; // EAGAIN
    public const int NoMemory = 12; // ENOMEM
    public const int Busy = 16; // EBUSY
    public const int Exists = 17; // EEXIST
    public const int Invalid = 22; // EINVAL
    public const int BadMessage = 74; // EBADMSG
    public const int MessageSize = 90; // EMSGSIZE
    public const int NotSupported = 95; // EOPNOTSUPP
    public const int NoBuffers = 105; // ENOBUFS
    public const int TimedOut = 110; // ETIMEDOUT
    public const int Canceled = 125; // ECANCELED

    public static KernelError ToError(int errno, string operation, string? text = null, int? offset = null) =>
        new(errno, NameOf(errno), operation, text, offset, IsTransient(errno));

    private static bool IsTransient(int errno) =>
        errno is Interrupted or Again or NoMemory or Busy or BadMessage or NoBuffers or TimedOut;

    private static string NameOf(int errno) => errno switch
    {
        Permission => "EPERM",
        NoEntry => "ENOENT",
        Interrupted => "EINTR",
        Again => "EAGAIN",
        NoMemory => "ENOMEM",
        13 => "EACCES",
        14 => "EFAULT",
        Busy => "EBUSY",
        Exists => "EEXIST",
        19 => "ENODEV",
        20 => "ENOTDIR",
        Invalid => "EINVAL",
        23 => "ENFILE",
        24 => "EMFILE",
        28 => "ENOSPC",
        31 => "EMLINK",
        34 => "ERANGE",
        36 => "ENAMETOOLONG",
        40 => "ELOOP",
        BadMessage => "EBADMSG",
        75 => "EOVERFLOW",
        MessageSize => "EMSGSIZE",
        93 => "EPROTONOSUPPORT",
        NotSupported => "EOPNOTSUPP",
        97 => "EAFNOSUPPORT",
        NoBuffers => "ENOBUFS",
        TimedOut => "ETIMEDOUT",
        Canceled => "ECANCELED",
        _ => $"errno {errno}",
    };
}

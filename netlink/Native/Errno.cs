using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>The kernel's error numbers (asm-generic/errno.h) and what they mean to a caller that may try again.</summary>
internal static class Errno
{
    public const int NotPermitted = 1; // EPERM
    public const int NoEntry = 2; // ENOENT
    public const int NoSuchProcess = 3; // ESRCH
    public const int Interrupted = 4; // EINTR
    public const int Again = 11; // EAGAIN
    public const int NoMemory = 12; // ENOMEM
    public const int Access = 13; // EACCES
    public const int Busy = 16; // EBUSY
    public const int Exists = 17; // EEXIST
    public const int NoDevice = 19; // ENODEV
    public const int Invalid = 22; // EINVAL
    public const int Full = 54; // EXFULL
    public const int BadMessage = 74; // EBADMSG
    public const int MessageSize = 90; // EMSGSIZE
    public const int NotSupported = 95; // EOPNOTSUPP
    public const int ProcessFilesExhausted = 24; // EMFILE
    public const int SystemFilesExhausted = 23; // ENFILE
    public const int ProtocolNotSupported = 93; // EPROTONOSUPPORT
    public const int SocketTypeNotSupported = 94; // ESOCKTNOSUPPORT
    public const int FamilyNotSupported = 97; // EAFNOSUPPORT
    public const int AddressInUse = 98; // EADDRINUSE
    public const int AddressNotAvailable = 99; // EADDRNOTAVAIL
    public const int NoBuffers = 105; // ENOBUFS
    public const int NetworkDown = 100; // ENETDOWN
    public const int TimedOut = 110; // ETIMEDOUT

    private static readonly FrozenDictionary<int, string> Names = new (int Number, string Name)[]
    {
        (1, "EPERM"), (2, "ENOENT"), (3, "ESRCH"), (4, "EINTR"), (5, "EIO"), (6, "ENXIO"), (7, "E2BIG"),
        (8, "ENOEXEC"), (9, "EBADF"), (10, "ECHILD"), (11, "EAGAIN"), (12, "ENOMEM"), (13, "EACCES"), (14, "EFAULT"),
        (15, "ENOTBLK"), (16, "EBUSY"), (17, "EEXIST"), (18, "EXDEV"), (19, "ENODEV"), (20, "ENOTDIR"),
        (21, "EISDIR"), (22, "EINVAL"), (23, "ENFILE"), (24, "EMFILE"), (25, "ENOTTY"), (26, "ETXTBSY"),
        (27, "EFBIG"), (28, "ENOSPC"), (29, "ESPIPE"), (30, "EROFS"), (31, "EMLINK"), (32, "EPIPE"), (33, "EDOM"),
        (34, "ERANGE"), (35, "EDEADLK"), (36, "ENAMETOOLONG"), (37, "ENOLCK"), (38, "ENOSYS"), (39, "ENOTEMPTY"),
        (40, "ELOOP"), (42, "ENOMSG"), (43, "EIDRM"), (44, "ECHRNG"), (45, "EL2NSYNC"), (46, "EL3HLT"),
        (47, "EL3RST"), (48, "ELNRNG"), (49, "EUNATCH"), (50, "ENOCSI"), (51, "EL2HLT"), (52, "EBADE"),
        (53, "EBADR"), (54, "EXFULL"), (55, "ENOANO"), (56, "EBADRQC"), (57, "EBADSLT"), (59, "EBFONT"),
        (60, "ENOSTR"), (61, "ENODATA"), (62, "ETIME"), (63, "ENOSR"), (64, "ENONET"), (65, "ENOPKG"),
        (66, "EREMOTE"), (67, "ENOLINK"), (68, "EADV"), (69, "ESRMNT"), (70, "ECOMM"), (71, "EPROTO"),
        (72, "EMULTIHOP"), (73, "EDOTDOT"), (74, "EBADMSG"), (75, "EOVERFLOW"), (76, "ENOTUNIQ"), (77, "EBADFD"),
        (78, "EREMCHG"), (79, "ELIBACC"), (80, "ELIBBAD"), (81, "ELIBSCN"), (82, "ELIBMAX"), (83, "ELIBEXEC"),
        (84, "EILSEQ"), (85, "ERESTART"), (86, "ESTRPIPE"), (87, "EUSERS"), (88, "ENOTSOCK"), (89, "EDESTADDRREQ"),
        (90, "EMSGSIZE"), (91, "EPROTOTYPE"), (92, "ENOPROTOOPT"), (93, "EPROTONOSUPPORT"), (94, "ESOCKTNOSUPPORT"),
        (95, "EOPNOTSUPP"), (96, "EPFNOSUPPORT"), (97, "EAFNOSUPPORT"), (98, "EADDRINUSE"), (99, "EADDRNOTAVAIL"),
        (100, "ENETDOWN"), (101, "ENETUNREACH"), (102, "ENETRESET"), (103, "ECONNABORTED"), (104, "ECONNRESET"),
        (105, "ENOBUFS"), (106, "EISCONN"), (107, "ENOTCONN"), (108, "ESHUTDOWN"), (109, "ETOOMANYREFS"),
        (110, "ETIMEDOUT"), (111, "ECONNREFUSED"), (112, "EHOSTDOWN"), (113, "EHOSTUNREACH"), (114, "EALREADY"),
        (115, "EINPROGRESS"), (116, "ESTALE"), (117, "EUCLEAN"), (118, "ENOTNAM"), (119, "ENAVAIL"), (120, "EISNAM"),
        (121, "EREMOTEIO"), (122, "EDQUOT"), (123, "ENOMEDIUM"), (124, "EMEDIUMTYPE"), (125, "ECANCELED"),
        (126, "ENOKEY"), (127, "EKEYEXPIRED"), (128, "EKEYREVOKED"), (129, "EKEYREJECTED"), (130, "EOWNERDEAD"),
        (131, "ENOTRECOVERABLE"), (132, "ERFKILL"), (133, "EHWPOISON"),
    }.ToFrozenDictionary(static pair => pair.Number, static pair => pair.Name);

    /// <summary>The error of the last call on this thread.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The symbol of an error number, such as <c>EEXIST</c>.</summary>
    public static string NameOf(int errno) => Names.TryGetValue(errno, out var name) ? name : $"errno {errno}";

    /// <summary>True if the same request may succeed later.</summary>
    public static bool IsTransient(int errno) =>
        errno is Interrupted or Again or NoMemory or Busy or NoBuffers or TimedOut or MessageSize;

    /// <summary>True if a deletion refused with this number found nothing to delete.</summary>
    public static bool IsAbsence(int errno) => errno is NoEntry or NoSuchProcess or NoDevice or AddressNotAvailable;
}

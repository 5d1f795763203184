using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Calls of the C library with a meaning: close-on-exec always, interruptions repeated, refusals as exceptions that name the object.</summary>
internal static unsafe class SystemCalls
{
    public const int CloseOnExec = 0x80000; // O_CLOEXEC, SOCK_CLOEXEC, EFD_CLOEXEC
    public const int ReadOnly = 0; // O_RDONLY
    public const int WriteOnly = 1; // O_WRONLY
    public const int PathOnly = 0x200000; // O_PATH: what is there is not opened itself
    public const int CreateExclusive = 0xc0; // O_CREAT | O_EXCL
    public const int NetworkNamespaceFlag = 0x40000000; // CLONE_NEWNET

    private const int SocketLevel = 1; // SOL_SOCKET
    private const int NetnsCookieOption = 71; // SO_NETNS_COOKIE
    private const uint InodeMask = 0x100; // STATX_INO
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const long NsfsMagic = 0x6e736673; // NSFS_MAGIC
    private const nuint GetNamespaceType = 0xb703; // NS_GET_NSTYPE

    /// <summary>Opens a file; the descriptor or a negative errno. Allocates nothing when given a terminated path.</summary>
    public static int TryOpen(ReadOnlySpan<byte> terminatedPath, int flags, uint mode = 0)
    {
        fixed (byte* path = terminatedPath)
        {
            int fd;
            do
            {
                fd = Libc.open(path, flags | CloseOnExec, mode);
            }
            while (fd < 0 && Errno.Last == Errno.Interrupted);
            return fd < 0 ? -Errno.Last : fd;
        }
    }

    /// <summary>A path as the C library wants it.</summary>
    public static byte[] Terminated(string path) => Encoding.UTF8.GetBytes(path + '\0');

    /// <summary>Opens a file or throws.</summary>
    public static FileDescriptor Open(string path, int flags, string operation, uint mode = 0)
    {
        var fd = TryOpen(Terminated(path), flags, mode);
        return fd >= 0 ? new FileDescriptor(fd) : throw Refused(-fd, operation);
    }

    /// <summary>The exception for a refused call.</summary>
    public static KernelException Refused(int errno, string operation, string? text = null) => new(ErrorOf(errno, operation, text));

    /// <summary>The error for a refused call.</summary>
    public static KernelError ErrorOf(int errno, string operation, string? text = null, int? offset = null) =>
        new(errno, Errno.NameOf(errno), operation, text, offset, Errno.IsTransient(errno));

    /// <summary>The name of an interface of the calling thread's namespace; null if there is none of that number.</summary>
    public static string? InterfaceName(uint index)
    {
        var name = stackalloc byte[16]; // IFNAMSIZ
        return index != 0 && Libc.if_indextoname(index, name) is not null ? Marshal.PtrToStringUTF8((nint)name) : null;
    }

    /// <summary>Opens a socket in the calling thread's namespace; the descriptor or a negative errno.</summary>
    public static int TrySocket(int domain, int type, int protocol)
    {
        var fd = Libc.socket(domain, type | CloseOnExec, protocol);
        return fd < 0 ? -Errno.Last : fd;
    }

    /// <summary>The cookie of the namespace a socket lives in.</summary>
    public static ulong NetnsCookieOf(FileDescriptor socket)
    {
        ulong cookie = 0;
        uint length = sizeof(ulong);
        return Libc.getsockopt(socket.Number, SocketLevel, NetnsCookieOption, &cookie, &length) == 0
            ? cookie
            : throw Refused(Errno.Last, "read the cookie of a network namespace (SO_NETNS_COOKIE, Linux 5.14)");
    }

    /// <summary>Device and inode of what a path leads to; null if nothing is there.</summary>
    public static FileIdentity? IdentityOf(string path)
    {
        var result = stackalloc byte[256];
        return Libc.statx(CurrentDirectory, path, 0, InodeMask, result) == 0 ? Identity(result) : null;
    }

    /// <summary>Device and inode of an open file.</summary>
    public static FileIdentity IdentityOf(FileDescriptor file)
    {
        const int emptyPath = 0x1000; // AT_EMPTY_PATH
        var result = stackalloc byte[256];
        return Libc.statx(file.Number, string.Empty, emptyPath, InodeMask, result) == 0
            ? Identity(result)
            : throw Refused(Errno.Last, "identify an open file");
    }

    /// <summary>Whether a file, which may be open by <see cref="PathOnly"/>, is a namespace.</summary>
    public static bool IsNamespace(FileDescriptor file)
    {
        var result = stackalloc byte[128]; // struct statfs: f_type comes first
        return Libc.fstatfs(file.Number, result) == 0 && *(long*)result == NsfsMagic;
    }

    /// <summary>What kind of namespace this is if it is not a network namespace; null if it is one.</summary>
    public static string? NotANetworkNamespace(FileDescriptor file)
    {
        var type = Libc.ioctl(file.Number, GetNamespaceType, 0);
        return type == NetworkNamespaceFlag ? null : $"a {NamespaceKind(type)} namespace, not a network namespace";
    }

    private static FileIdentity Identity(byte* statx)
    {
        var bytes = new ReadOnlySpan<byte>(statx, 256);
        var device = ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[136..]) << 32) // stx_dev_major
            | BinaryPrimitives.ReadUInt32LittleEndian(bytes[140..]); // stx_dev_minor
        return new FileIdentity(device, BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..])); // stx_ino
    }

    private static string NamespaceKind(int type) => type switch
    {
        0x00020000 => "mount", // CLONE_NEWNS
        0x02000000 => "cgroup", // CLONE_NEWCGROUP
        0x04000000 => "UTS", // CLONE_NEWUTS
        0x08000000 => "IPC", // CLONE_NEWIPC
        0x10000000 => "user", // CLONE_NEWUSER
        0x20000000 => "PID", // CLONE_NEWPID
        0x00000080 => "time", // CLONE_NEWTIME
        _ => "foreign",
    };
}

/// <summary>Names a file as long as it is open.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode);

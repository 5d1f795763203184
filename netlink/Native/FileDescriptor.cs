using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>An open file descriptor: a socket, a namespace or a file. Closed exactly once.</summary>
public sealed class FileDescriptor : SafeHandle
{
    /// <summary>An invalid handle, filled in by the interop layer.</summary>
    public FileDescriptor()
        : base(-1, ownsHandle: true)
    {
    }

    internal FileDescriptor(int number)
        : this() => SetHandle(number);

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The number, for messages that carry one (IFLA_NET_NS_FD); the caller keeps the handle alive meanwhile.</summary>
    internal int Number => (int)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}

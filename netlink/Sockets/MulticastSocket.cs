namespace Networking.Netlink;

/// <summary>A socket that only listens. It has a buffer of its own and never carries requests, so a burst of events cannot lose an answer.</summary>
internal sealed unsafe class MulticastSocket : IDisposable
{
    private const int Slots = 8;
    private const int SlotBytes = 32 * 1024;
    private const int NetlinkLevel = 270; // SOL_NETLINK

    private readonly FileDescriptor _descriptor;

    private MulticastSocket(FileDescriptor descriptor) => _descriptor = descriptor;

    /// <summary>Where datagrams lie after <see cref="Receive"/>.</summary>
    public ReceiveArea Area { get; } = new(Slots, SlotBytes);

    public int Descriptor => _descriptor.Number;

    /// <summary>Joins groups in the calling thread's namespace and, if asked, in every namespace that has an id there.</summary>
    /// <returns>Null if the kernel lacks the protocol.</returns>
    public static MulticastSocket? TryOpen(NetlinkProtocol protocol, ReadOnlySpan<int> groups, int bufferBytes, bool allNamespaces)
    {
        var fd = NetlinkSocket.TryOpenRaw(protocol);
        if (fd < 0)
        {
            return null;
        }

        var descriptor = new FileDescriptor(fd);
        SetBuffer(fd, bufferBytes);
        _ = NetlinkSocket.BindToFreePort(descriptor, 0);
        if (allNamespaces)
        {
            SetOption(fd, 8, 1); // NETLINK_LISTEN_ALL_NSID
        }

        foreach (var group in groups)
        {
            SetOption(fd, 1, group); // NETLINK_ADD_MEMBERSHIP
        }

        return new MulticastSocket(descriptor);
    }

    /// <summary>Takes what is there without waiting.</summary>
    /// <returns>How many datagrams, or a negative errno; EAGAIN if none.</returns>
    public int Receive() => Area.Receive(_descriptor.Number, 0x40); // MSG_DONTWAIT

    public void Dispose() => _descriptor.Dispose();

    private static void SetBuffer(int fd, int bytes)
    {
        if (Libc.setsockopt(fd, 1, 33, &bytes, sizeof(int)) != 0) // SOL_SOCKET, SO_RCVBUFFORCE
        {
            _ = Libc.setsockopt(fd, 1, 8, &bytes, sizeof(int)); // SO_RCVBUF
        }
    }

    private static void SetOption(int fd, int name, int value)
    {
        if (Libc.setsockopt(fd, NetlinkLevel, name, &value, sizeof(int)) != 0)
        {
            throw SystemCalls.Refused(Errno.Last, "listen to the kernel's events");
        }
    }
}

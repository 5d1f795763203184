using System.Buffers.Binary;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// A request socket of one namespace. It stays in the namespace of the thread that opened it and may be used from any
/// thread; one exchange at a time. The kernel works synchronously: when a send returns, the work is done and the
/// answers lie in the receive buffer, so a blocking call waits for the kernel's locks only.
/// </summary>
public sealed unsafe partial class NetlinkSocket : IDisposable
{
    private const int HeaderBytes = 16; // struct nlmsghdr
    private const int BufferBytes = 1 << 20;
    private const int TimeoutSeconds = 5;
    private const int MessagesPerSend = 128; // their acknowledgements fit even the default receive buffer
    private const int BytesPerSend = 64 * 1024;
    private const int NetlinkLevel = 270; // SOL_NETLINK

    private readonly Lock _gate = new(); // guards everything below: one exchange or dump at a time
    private readonly FileDescriptor _descriptor;
    private readonly NetlinkTraffic? _total;
    private NetlinkCounters _counters;
    private uint _sequence;
    private bool _isClosed;

    /// <param name="descriptor">The socket, which becomes this object's.</param>
    /// <param name="total">Counts this socket's traffic with that of others; null for nobody.</param>
    internal NetlinkSocket(FileDescriptor descriptor, NetlinkTraffic? total = null)
    {
        _descriptor = descriptor;
        _total = total;
        SetOption(NetlinkLevel, 11, 1); // NETLINK_EXT_ACK
        SetOption(NetlinkLevel, 10, 1); // NETLINK_CAP_ACK
        SetOption(NetlinkLevel, 12, 1); // NETLINK_GET_STRICT_CHK
        SetBuffer(7, 32); // SO_SNDBUF, SO_SNDBUFFORCE
        SetBuffer(8, 33); // SO_RCVBUF, SO_RCVBUFFORCE
        SetReceiveTimeout(TimeSpan.FromSeconds(TimeoutSeconds));
        PortId = BindToFreePort(descriptor, 0);
    }

    /// <summary>The port the kernel gave us; it marks the echoes of our own requests in multicast messages.</summary>
    public uint PortId { get; }

    /// <summary>The cookie of the namespace it lives in.</summary>
    public ulong NamespaceCookie => SystemCalls.NetnsCookieOf(_descriptor);

    /// <summary>Traffic so far.</summary>
    public NetlinkCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return _counters;
            }
        }
    }

    /// <summary>Opens a socket in the calling thread's namespace.</summary>
    /// <exception cref="Networking.Kernel.KernelException">The kernel lacks the family, or descriptors ran out.</exception>
    public static NetlinkSocket Open(NetlinkProtocol protocol) => Open(protocol, null);

    /// <summary>Opens a socket in the calling thread's namespace, counted with others.</summary>
    internal static NetlinkSocket Open(NetlinkProtocol protocol, NetlinkTraffic? total)
    {
        var fd = TryOpenRaw(protocol);
        return fd >= 0 ? new NetlinkSocket(new FileDescriptor(fd), total) : throw SystemCalls.Refused(-fd, $"open a netlink socket ({protocol})");
    }

    /// <summary>Closes the socket after the exchange in flight.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _descriptor.Dispose();
        }
    }

    /// <summary>A raw socket, for threads inside a foreign namespace; the descriptor or a negative errno.</summary>
    internal static int TryOpenRaw(NetlinkProtocol protocol) => SystemCalls.TrySocket(16, 3, (int)protocol); // AF_NETLINK, SOCK_RAW

    /// <summary>Binds a netlink socket to a port chosen by the kernel and, for the old API, to group bits.</summary>
    internal static uint BindToFreePort(FileDescriptor descriptor, uint groups)
    {
        var address = new NetlinkAddress { Family = 16, Groups = groups };
        uint length = (uint)sizeof(NetlinkAddress);
        if (Libc.bind(descriptor.Number, &address, length) != 0 || Libc.getsockname(descriptor.Number, &address, &length) != 0)
        {
            throw SystemCalls.Refused(Errno.Last, "bind a netlink socket");
        }

        return address.PortId;
    }

    internal void SetReceiveTimeout(TimeSpan timeout)
    {
        var value = stackalloc long[2]; // struct timeval
        value[0] = (long)timeout.TotalSeconds;
        value[1] = timeout.Ticks % TimeSpan.TicksPerSecond / 10;
        _ = Libc.setsockopt(_descriptor.Number, 1, 20, value, 16); // SOL_SOCKET, SO_RCVTIMEO
    }

    private static uint LengthAt(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt32LittleEndian(message);

    private void SetOption(int level, int name, int value) =>
        _ = Libc.setsockopt(_descriptor.Number, level, name, &value, sizeof(int)); // older kernels refuse some; answers are then shorter

    private void SetBuffer(int name, int forceName)
    {
        var bytes = BufferBytes;
        if (Libc.setsockopt(_descriptor.Number, 1, forceName, &bytes, sizeof(int)) != 0)
        {
            _ = Libc.setsockopt(_descriptor.Number, 1, name, &bytes, sizeof(int));
        }
    }

    private int Send(ReadOnlySpan<byte> bytes, int messages)
    {
        nint sent;
        fixed (byte* start = bytes)
        {
            do
            {
                sent = Libc.sendto(_descriptor.Number, start, (nuint)bytes.Length, 0, null, 0);
            }
            while (sent < 0 && Errno.Last == Errno.Interrupted);
        }

        if (sent < 0)
        {
            return Errno.Last;
        }

        Count(new NetlinkCounters(messages, bytes.Length, 1, 0, 0, 0));
        return 0;
    }

    private void Count(NetlinkCounters more)
    {
        _counters += more;
        _total?.Add(more);
    }

    private void CheckOpen() => ObjectDisposedException.ThrowIf(_isClosed, this);

    /// <summary>Numbers the messages from the socket's own sequence.</summary>
    /// <returns>The first number.</returns>
    private uint Number(Span<byte> messages, int count)
    {
        var first = _sequence + 1;
        var offset = 0;
        for (var i = 0; i < count; i++)
        {
            var message = messages[offset..];
            BinaryPrimitives.WriteUInt32LittleEndian(message[8..], ++_sequence);
            offset += (int)LengthAt(message);
        }

        Invariant.Check(offset == messages.Length, "the messages of a batch do not end where the batch does");
        return first;
    }
}

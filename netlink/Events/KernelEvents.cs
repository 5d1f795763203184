using System.Buffers.Binary;
using System.Threading.Channels;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Listens to what others do: one socket for links, addresses and routes of all namespaces that have an id in the
/// host's, one for nf_tables of the host. A thread of its own reads, filters and queues; it never waits for a reader.
/// </summary>
internal sealed unsafe class KernelEvents : IDisposable
{
    private const int HeaderBytes = 16; // struct nlmsghdr
    private const int RetryLossMs = 50;
    private const short Readable = 1; // POLLIN

    private static readonly int[] RouteGroups =
    [
        1, // RTNLGRP_LINK
        5, // RTNLGRP_IPV4_IFADDR
        7, // RTNLGRP_IPV4_ROUTE
        9, // RTNLGRP_IPV6_IFADDR
        11, // RTNLGRP_IPV6_ROUTE
        28, // RTNLGRP_NSID
    ];

    private readonly NamespaceDirectory _directory;
    private readonly EventChannel _channel;
    private readonly RouteEvents _routes;
    private readonly FirewallEvents _firewall;
    private readonly IptablesFirewall? _iptables;
    private readonly MulticastSocket _routeSocket;
    private readonly MulticastSocket? _firewallSocket;
    private readonly FileDescriptor _wake;
    private readonly Thread _thread;
    private volatile bool _isStopping;
    private volatile bool _isReadingFirewall;

    public KernelEvents(NamespaceDirectory directory, NetlinkKernelOptions options, IptablesFirewall? iptables)
    {
        _directory = directory;
        _iptables = iptables;
        _channel = new EventChannel(options.EventsMax);
        _routes = new RouteEvents(directory, _channel.Add);
        directory.Forgotten = _routes.Forget;
        _firewall = new FirewallEvents(port => directory.IsOwnPort(NetNs.Host, NetlinkProtocol.Netfilter, port), _channel.Add, iptables);
        _routeSocket = MulticastSocket.TryOpen(NetlinkProtocol.Route, RouteGroups, options.EventBufferBytes, allNamespaces: true)
            ?? throw SystemCalls.Refused(Errno.NotSupported, "listen to the kernel's events");
        _firewallSocket = MulticastSocket.TryOpen(
            NetlinkProtocol.Netfilter, [7], options.EventBufferBytes, allNamespaces: false); // NFNLGRP_NFTABLES
        RememberForwardChains(); // behind the subscription: what comes in between is told besides
        _wake = new FileDescriptor(Libc.eventfd(0, SystemCalls.CloseOnExec));
        _thread = new Thread(Listen) { IsBackground = true, Name = "kernel-events" };
        _thread.Start();
        if (iptables is not null)
        {
            iptables.LooksBegin = Wake;
        }
    }

    public ChannelReader<KernelEvent> Reader => _channel.Reader;

    /// <summary>How often others have changed the host's nf_tables, as far as it was read; null if that cannot be seen.</summary>
    public long? ForeignFirewallCommits => _firewallSocket is null ? null : _firewall.ForeignCommits;

    /// <summary>True while news of nf_tables wait to be read. What the thread has taken out of the queue it has begun to read before.</summary>
    public bool HasUnreadOfFirewall
    {
        get
        {
            var descriptor = new PollDescriptor { Descriptor = _firewallSocket?.Descriptor ?? -1, Events = Readable };
            return Libc.poll(&descriptor, 1, 0) != 0 || _isReadingFirewall;
        }
    }

    /// <summary>From now on this link is told about, whoever owns it.</summary>
    public void Watch(ObjectKey link) => _routes.Watch(link);

    public void Dispose()
    {
        if (_iptables is not null)
        {
            _iptables.LooksBegin = null;
        }

        _directory.Forgotten = null;
        _isStopping = true;
        Wake();
        _thread.Join();
        _channel.Complete();
        _routeSocket.Dispose();
        _firewallSocket?.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        ulong one = 1;
        _ = Libc.write(_wake.Number, &one, sizeof(ulong));
    }

    private void Listen()
    {
        var descriptors = stackalloc PollDescriptor[3];
        descriptors[0] = new PollDescriptor { Descriptor = _wake.Number, Events = Readable };
        descriptors[1] = new PollDescriptor { Descriptor = _routeSocket.Descriptor, Events = Readable };
        descriptors[2] = new PollDescriptor { Descriptor = _firewallSocket?.Descriptor ?? -1, Events = Readable };
        while (true)
        {
            _ = Libc.poll(descriptors, 3, _channel.OwesLoss ? RetryLossMs : _iptables?.LookEveryMs ?? -1);
            if (_isStopping)
            {
                return;
            }

            if (descriptors[0].Returned != 0)
            {
                ulong count;
                _ = Libc.read(_wake.Number, &count, sizeof(ulong));
            }

            if (_iptables?.HasChangedUnseen() == true)
            {
                _channel.Add(new FirewallChanged(NetNs.Host, null, null)); // the legacy tables do not say by whom
            }

            if (descriptors[1].Returned != 0)
            {
                Read(_routeSocket, isFirewall: false);
            }

            if (descriptors[2].Returned != 0)
            {
                _isReadingFirewall = true; // before the queue is emptied
                Read(_firewallSocket!, isFirewall: true); // polled only if it is there
                _isReadingFirewall = false;
            }

            descriptors[0].Returned = 0;
            descriptors[1].Returned = 0;
            descriptors[2].Returned = 0;
        }
    }

    private void RememberForwardChains()
    {
        if (_firewallSocket is null)
        {
            return;
        }

        try
        {
            using var socket = _directory.OpenSocket(NetNs.Host, NetlinkProtocol.Netfilter);
            using var transport = new FirewallTransport(new NetfilterSocketChannel(socket));
            _firewall.Remember(transport.ReadForeignForwardChains());
        }
        catch (Exception exception) when (exception is KernelException or WireFormatException)
        {
            _firewall.Remember(null); // then every chain that goes counts as one
        }
    }

    private void Read(MulticastSocket socket, bool isFirewall)
    {
        var datagrams = socket.Receive();
        if (datagrams == -Errno.NoBuffers)
        {
            _routes.Forget();
            _channel.Add(new EventsLost(isFirewall ? NetNs.Host : null, "the kernel dropped events (ENOBUFS)"));
            if (isFirewall)
            {
                _firewall.Miss();
                RememberForwardChains();
                _channel.Add(new ForeignFirewallChanged(NetNs.Host));
            }
        }

        for (var i = 0; i < datagrams; i++)
        {
            if (!socket.Area.IsFromKernel(i))
            {
                continue;
            }

            if (socket.Area.IsTruncated(i))
            {
                _channel.Add(new EventsLost(null, "an event did not fit the receive buffer"));
                continue;
            }

            try
            {
                Read(socket.Area.Datagram(i), socket.Area.NamespaceId(i), isFirewall);
            }
            catch (WireFormatException exception)
            {
                _channel.Add(new EventsLost(null, $"an event could not be read {exception.Message}"));
            }
        }
    }

    private void Read(ReadOnlySpan<byte> datagram, int? namespaceId, bool isFirewall)
    {
        while (datagram.Length >= HeaderBytes)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(datagram);
            if (length < HeaderBytes || length > datagram.Length)
            {
                throw new WireFormatException(0, $"message length {length} with {datagram.Length} bytes left");
            }

            var type = BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]);
            var flags = (NetlinkFlags)BinaryPrimitives.ReadUInt16LittleEndian(datagram[6..]);
            var port = BinaryPrimitives.ReadUInt32LittleEndian(datagram[12..]);
            var body = datagram[HeaderBytes..(int)length];
            if (isFirewall)
            {
                _firewall.Take(type, port, body);
            }
            else
            {
                _routes.Take(namespaceId, type, flags, port, body);
            }

            datagram = datagram[(int)Math.Min((length + 3) & ~3u, (uint)datagram.Length)..];
        }
    }
}

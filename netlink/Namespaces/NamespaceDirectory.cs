using System.Collections.Concurrent;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Knows the way to every namespace in use: its path, and for the most recently used ones a set of open sockets. A
/// handle is given out only while its path still leads to the same namespace, so a container that was replaced under
/// the same path is never touched by mistake.
/// </summary>
public sealed partial class NamespaceDirectory : INamespaceHandles, IAsyncDisposable
{
    private const int BackgroundThreads = 2;

    private readonly Lock _gate = new(); // guards _paths, _open, _order
    private readonly Dictionary<NetNs, KnownPath> _paths = [];
    private readonly Dictionary<NetNs, LinkedListNode<NamespaceHandle>> _open = [];
    private readonly LinkedList<NamespaceHandle> _order = []; // least recently used first; without the host
    private readonly ConcurrentDictionary<int, NetNs> _byId = []; // ids as the host's namespace numbers the others
    private readonly ConcurrentDictionary<OwnPort, byte> _ownPorts = [];
    private readonly FileDescriptor _home = NetworkNamespace.OpenCurrent();
    private readonly FirewallTransportFactory _firewallFactory;
    private readonly NamespaceHandle _host;
    private readonly NetlinkSocket _readingSocket; // the host's; a router has so many routes that nothing else may wait for them
    private readonly ulong _hostCookie;
    private readonly int _handlesMax;
    private readonly Action<string>? _passing;

    /// <summary>Creates the directory in the calling thread's namespace, which becomes <see cref="NetNs.Host"/>.</summary>
    /// <param name="firewallFactory">Makes nf_tables transports; null for none.</param>
    /// <param name="handlesMax">How many sandboxes keep open sockets; each costs two to three descriptors.</param>
    /// <param name="laneCount">How many threads do blocking kernel work.</param>
    /// <param name="passing">Told each place between two steps of one operation: a seam for tests of sudden death.</param>
    public NamespaceDirectory(FirewallTransportFactory? firewallFactory = null, int handlesMax = 64, int laneCount = 4, Action<string>? passing = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(handlesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(laneCount, 1);
        _firewallFactory = firewallFactory ?? (static (_, socket) => new NullFirewallTransport(socket));
        _handlesMax = handlesMax;
        _passing = passing;
        Lanes = new LaneThreads("kernel-lane", laneCount);
        Background = new LaneThreads("kernel-slow", BackgroundThreads);
        Doomed = new DoomedLinks(this);
        _host = MakeHandle(NetNs.Host, NetworkNamespace.OpenCurrent(), NetlinkSocket.Open(NetlinkProtocol.Route, Traffic));
        _hostCookie = _host.Socket.NamespaceCookie;
        _readingSocket = OpenSocket(NetNs.Host, NetlinkProtocol.Route);
    }

    /// <summary>SO_NETNS_COOKIE of the daemon's own namespace.</summary>
    internal ulong HostCookie => _hostCookie;

    /// <summary>Everything said to the kernel in all namespaces, by every request socket there was.</summary>
    public NetlinkTraffic Traffic { get; } = new();

    /// <summary>The threads that do blocking work.</summary>
    internal LaneThreads Lanes { get; }

    /// <summary>
    /// Threads for what blocks long, and nearly all of which nobody waits for: the kernel waits 10 ms for all processors when a packet
    /// socket is closed, and when a netfilter socket is closed while what was deleted in any namespace is not yet destroyed. The
    /// reading of the host is among them, for its routes.
    /// </summary>
    internal LaneThreads Background { get; }

    /// <summary>Links whose packet path is cut and which die in the background.</summary>
    internal DoomedLinks Doomed { get; }

    /// <summary>Told of each namespace that is forgotten.</summary>
    internal Action<NetNs>? Forgotten { get; set; }

    /// <summary>How many threads of the process are in another namespace than the daemon's: zero, or something leaked.</summary>
    public int CountStrayThreads() => NetworkNamespace.CountThreadsOutside(_home);

    /// <summary>Traffic of the route socket of a namespace so far.</summary>
    public NetlinkCounters CountersOf(NetNs ns)
    {
        using var lease = ((INamespaceHandles)this).Rent(ns);
        return lease.Handle.Socket.Counters;
    }

    /// <summary>Opens a request socket inside a namespace. It lives there whichever thread uses it; the caller closes it.</summary>
    /// <exception cref="KernelException">The namespace is gone, or the kernel lacks the protocol.</exception>
    public NetlinkSocket OpenSocket(NetNs ns, NetlinkProtocol protocol)
    {
        using var lease = ((INamespaceHandles)this).Rent(ns);
        return OpenSocket(lease.Handle.Namespace, lease.Handle.Descriptor, protocol);
    }

    /// <inheritdoc/>
    NamespaceLease INamespaceHandles.Rent(NetNs ns)
    {
        var handle = ns.IsHost ? _host : HandleOf(ns);
        return handle.TryTake() ? new NamespaceLease(handle) : throw NetworkNamespace.Gone(ns.ToString(), "it was forgotten meanwhile");
    }

    /// <summary>Runs raw system calls inside a namespace and waits; at home without a detour.</summary>
    internal void RunInside(NetNs ns, Action rawCalls)
    {
        if (ns.IsHost)
        {
            rawCalls();
            return;
        }

        using var lease = ((INamespaceHandles)this).Rent(ns);
        NamespaceTravel.Run(lease.Handle.Descriptor, _home, rawCalls);
    }

    /// <summary>The namespace that the host's namespace knows by an id; null if it is none of ours.</summary>
    internal NetNs? NamespaceOfId(int id) => _byId.TryGetValue(id, out var ns) ? ns : null;

    /// <summary>True if a message with this port came from one of our own sockets.</summary>
    internal bool IsOwnPort(NetNs ns, NetlinkProtocol protocol, uint port) => _ownPorts.ContainsKey(new OwnPort(ns, protocol, port));

    /// <summary>A raw socket of any family, opened inside a namespace.</summary>
    internal FileDescriptor OpenRawSocket(NetNs ns, int domain, int type, int protocol, string operation)
    {
        var fd = -1;
        RunInside(ns, () => fd = SystemCalls.TrySocket(domain, type, protocol));
        return fd >= 0 ? new FileDescriptor(fd) : throw SystemCalls.Refused(-fd, operation);
    }

    private NetlinkSocket OpenSocket(NetNs ns, FileDescriptor descriptor, NetlinkProtocol protocol)
    {
        var fd = -1;
        if (ns.IsHost)
        {
            fd = NetlinkSocket.TryOpenRaw(protocol);
        }
        else
        {
            NamespaceTravel.Run(descriptor, _home, () => fd = NetlinkSocket.TryOpenRaw(protocol));
        }

        if (fd < 0)
        {
            throw SystemCalls.Refused(-fd, $"open a netlink socket ({protocol}) in {ns}");
        }

        var socket = new NetlinkSocket(new FileDescriptor(fd), Traffic);
        _ = _ownPorts.TryAdd(new OwnPort(ns, protocol, socket.PortId), 0);
        return socket;
    }

    private NamespaceHandle HandleOf(NetNs ns)
    {
        while (true)
        {
            if (TryFindOpen(ns, out var known) is { } open)
            {
                return open;
            }

            var handle = OpenAt(known.Path);
            if (handle.Namespace != ns)
            {
                Discard(handle);
                throw NetworkNamespace.Gone(known.Path, $"another one ({handle.Namespace}) is there in place of {ns}");
            }

            if (Keep(handle, known.Path, known) is { } kept)
            {
                return kept;
            }
        }
    }

    private NamespaceHandle? TryFindOpen(NetNs ns, out KnownPath known)
    {
        lock (_gate)
        {
            if (!_paths.TryGetValue(ns, out known))
            {
                throw NetworkNamespace.Gone(ns.ToString(), "no path to it is known");
            }

            if (_open.TryGetValue(ns, out var node))
            {
                // Our descriptor keeps the inode from being reused, so equal identity means equal namespace.
                if (SystemCalls.IdentityOf(known.Path) == node.Value.Identity)
                {
                    _order.Remove(node);
                    _order.AddLast(node);
                    return node.Value;
                }

                Close(node);
            }

            return null;
        }
    }

    private NamespaceHandle OpenAt(string path, Action? alsoInside = null)
    {
        var operation = $"open network namespace {path}";
        using var mounted = NetworkNamespace.Open(path, operation);

        var (inside, fd) = (-1, -1);
        NamespaceTravel.Run(mounted, _home, () =>
        {
            alsoInside?.Invoke();
            inside = NetworkNamespace.TryOpenCurrent(); // a descriptor by the path would keep its mount busy
            fd = NetlinkSocket.TryOpenRaw(NetlinkProtocol.Route);
        });
        var descriptor = inside >= 0 ? new FileDescriptor(inside) : null;
        if (descriptor is null || fd < 0)
        {
            descriptor?.Dispose();
            throw descriptor is null ? SystemCalls.Refused(-inside, operation) : SystemCalls.Refused(-fd, $"open a netlink socket in {path}");
        }

        var socket = new NetlinkSocket(new FileDescriptor(fd), Traffic);
        var cookie = socket.NamespaceCookie;
        var ns = cookie == _hostCookie ? NetNs.Host : new NetNs(cookie);
        return MakeHandle(ns, descriptor, socket);
    }

    private NamespaceHandle MakeHandle(NetNs ns, FileDescriptor descriptor, NetlinkSocket socket)
    {
        _ = _ownPorts.TryAdd(new OwnPort(ns, NetlinkProtocol.Route, socket.PortId), 0);
        var route = new RouteTransport(ns, socket, this, Doomed.Mark, _passing);
        return new NamespaceHandle(ns, descriptor, socket, route, OpenFirewall, CloseFirewall);
    }

    private IFirewallTransport OpenFirewall(NamespaceHandle handle) =>
        _firewallFactory(handle.Namespace, OpenSocket(handle.Namespace, handle.Descriptor, NetlinkProtocol.Netfilter));

    private readonly record struct KnownPath(string Path, FileIdentity Identity, int? Id);

    private readonly record struct OwnPort(NetNs Namespace, NetlinkProtocol Protocol, uint Port);
}

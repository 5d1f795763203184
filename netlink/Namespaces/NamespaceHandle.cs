using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Everything open in one namespace. It keeps the namespace alive, so it is closed as soon as it is forgotten or
/// evicted and nobody uses it; the users are counted by <see cref="NamespaceLease"/>.
/// </summary>
internal sealed class NamespaceHandle
{
    private readonly Lock _gate = new(); // guards _leases, _isRetired, _firewall
    private readonly Func<NamespaceHandle, IFirewallTransport> _openFirewall;
    private readonly Action<NetNs, IDisposable> _closeFirewall;
    private IFirewallTransport? _firewall;
    private int _leases;
    private bool _isRetired;
    private bool _isClosed;

    public NamespaceHandle(
        NetNs ns,
        FileDescriptor descriptor,
        NetlinkSocket socket,
        RouteTransport route,
        Func<NamespaceHandle, IFirewallTransport> openFirewall,
        Action<NetNs, IDisposable> closeFirewall)
    {
        Namespace = ns;
        Descriptor = descriptor;
        Identity = SystemCalls.IdentityOf(descriptor);
        Socket = socket;
        Route = route;
        _openFirewall = openFirewall;
        _closeFirewall = closeFirewall;
    }

    public NetNs Namespace { get; }

    public FileDescriptor Descriptor { get; }

    public FileIdentity Identity { get; }

    /// <summary>The request socket.</summary>
    public NetlinkSocket Socket { get; }

    /// <summary>The route lane; used by one thread at a time, the lane's.</summary>
    public RouteTransport Route { get; }

    /// <summary>The firewall lane, opened when first asked for.</summary>
    public IFirewallTransport Firewall
    {
        get
        {
            lock (_gate)
            {
                return _firewall ??= _openFirewall(this);
            }
        }
    }

    /// <summary>Counts one more user; false if it is already being closed.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return false;
            }

            _leases++;
            return true;
        }
    }

    /// <summary>Counts one user less; the last one of a retired handle closes it.</summary>
    public void Return()
    {
        lock (_gate)
        {
            _leases--;
            CloseIfUnused();
        }
    }

    /// <summary>Takes no new users and closes when the last one is done.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _isRetired = true;
            CloseIfUnused();
        }
    }

    private void CloseIfUnused()
    {
        if (_isRetired && _leases == 0 && !_isClosed)
        {
            _isClosed = true;
            if (_firewall is not null)
            {
                _closeFirewall(Namespace, _firewall);
            }

            Socket.Dispose();
            Descriptor.Dispose();
        }
    }
}

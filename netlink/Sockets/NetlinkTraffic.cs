namespace Networking.Netlink;

/// <summary>The traffic of many sockets together, also of those that are closed by now.</summary>
public sealed class NetlinkTraffic
{
    private readonly Lock _gate = new(); // guards _counters
    private NetlinkCounters _counters;

    /// <summary>So far.</summary>
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

    internal void Add(NetlinkCounters more)
    {
        lock (_gate)
        {
            _counters += more;
        }
    }
}

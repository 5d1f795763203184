namespace Networking.Netd.Forwarding;

/// <summary>What the forwarder has done so far. Written from many threads.</summary>
internal sealed class ForwarderCounters
{
    private long _connections;
    private long _connectionsOpen;
    private long _sessions;
    private long _sessionsOpen;
    private long _sessionsEvicted;
    private long _datagramsLost;
    private long _refused;
    private long _failed;
    private long _bytesToTargets;
    private long _bytesToClients;

    /// <summary>TCP connections and UDP sessions open now.</summary>
    public (long Connections, long Sessions) Open => (Interlocked.Read(ref _connectionsOpen), Interlocked.Read(ref _sessionsOpen));

    /// <summary>Clients turned away because the port is not exposed to them: connections and datagrams.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Connections reset because their target did not accept.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Sessions ended to make room.</summary>
    public long Evicted => Interlocked.Read(ref _sessionsEvicted);

    /// <summary>Bytes passed on, TCP and UDP.</summary>
    public (long ToTargets, long ToClients) Bytes => (Interlocked.Read(ref _bytesToTargets), Interlocked.Read(ref _bytesToClients));

    public void OpenConnection()
    {
        _ = Interlocked.Increment(ref _connections);
        _ = Interlocked.Increment(ref _connectionsOpen);
    }

    public void CloseConnection() => Interlocked.Decrement(ref _connectionsOpen);

    public void OpenSession()
    {
        _ = Interlocked.Increment(ref _sessions);
        _ = Interlocked.Increment(ref _sessionsOpen);
    }

    public void CloseSession() => Interlocked.Decrement(ref _sessionsOpen);

    public void Evict() => Interlocked.Increment(ref _sessionsEvicted);

    public void LoseDatagram() => Interlocked.Increment(ref _datagramsLost);

    public void Refuse() => Interlocked.Increment(ref _refused);

    public void Fail() => Interlocked.Increment(ref _failed);

    public void PassToTarget(int bytes) => Interlocked.Add(ref _bytesToTargets, bytes);

    public void PassToClient(int bytes) => Interlocked.Add(ref _bytesToClients, bytes);

    /// <summary>Everything, for metrics.</summary>
    public IEnumerable<(string Name, string Help, double Value)> All()
    {
        yield return ("netd_forwarder_connections_total", "TCP connections forwarded.", Interlocked.Read(ref _connections));
        yield return ("netd_forwarder_connections_open", "TCP connections open.", Open.Connections);
        yield return ("netd_forwarder_sessions_total", "UDP sessions forwarded.", Interlocked.Read(ref _sessions));
        yield return ("netd_forwarder_sessions_open", "UDP sessions open.", Open.Sessions);
        yield return ("netd_forwarder_sessions_evicted_total", "UDP sessions ended to make room for others.", Evicted);
        yield return ("netd_forwarder_datagrams_lost_total", "Datagrams that could not be passed on.", Interlocked.Read(ref _datagramsLost));
        yield return ("netd_forwarder_refused_total", "Clients turned away because the port is not exposed to them.", Refused);
        yield return ("netd_forwarder_failed_total", "Connections reset because their target did not accept.", Failed);
        yield return ("netd_forwarder_to_targets_bytes_total", "Bytes passed to targets.", Bytes.ToTargets);
        yield return ("netd_forwarder_to_clients_bytes_total", "Bytes passed to clients.", Bytes.ToClients);
    }
}

namespace Networking.Gossip.Shell;

/// <summary>What passed through the sockets of a shell. Counts since its start.</summary>
public sealed class ShellCounters
{
    private long _packetsSent;
    private long _packetsReceived;
    private long _packetsDropped;
    private long _bytesSent;
    private long _bytesReceived;
    private long _sendErrors;
    private long _streamsOpened;
    private long _streamsAccepted;
    private long _streamsTurnedAway;

    /// <summary>Datagrams sent.</summary>
    public long PacketsSent => Volatile.Read(ref _packetsSent);

    /// <summary>Datagrams received.</summary>
    public long PacketsReceived => Volatile.Read(ref _packetsReceived);

    /// <summary>Datagrams thrown away because too many waited.</summary>
    public long PacketsDropped => Volatile.Read(ref _packetsDropped);

    /// <summary>Payload sent by UDP and TCP.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    /// <summary>Payload received by UDP and TCP.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Datagrams that the kernel did not take: no route, a firewall, a full queue.</summary>
    public long SendErrors => Volatile.Read(ref _sendErrors);

    /// <summary>Streams opened to others.</summary>
    public long StreamsOpened => Volatile.Read(ref _streamsOpened);

    /// <summary>Streams accepted from others.</summary>
    public long StreamsAccepted => Volatile.Read(ref _streamsAccepted);

    /// <summary>Streams closed at once because there were too many.</summary>
    public long StreamsTurnedAway => Volatile.Read(ref _streamsTurnedAway);

    internal void CountSent(int bytes)
    {
        _ = Interlocked.Increment(ref _packetsSent);
        _ = Interlocked.Add(ref _bytesSent, bytes);
    }

    internal void CountReceived(int bytes, bool isDropped)
    {
        _ = Interlocked.Increment(ref _packetsReceived);
        _ = Interlocked.Add(ref _bytesReceived, bytes);
        if (isDropped)
        {
            _ = Interlocked.Increment(ref _packetsDropped);
        }
    }

    internal void CountStreamBytes(int sent, int received)
    {
        _ = Interlocked.Add(ref _bytesSent, sent);
        _ = Interlocked.Add(ref _bytesReceived, received);
    }

    internal void CountSendError() => Interlocked.Increment(ref _sendErrors);

    internal void CountOpened() => Interlocked.Increment(ref _streamsOpened);

    internal void CountAccepted() => Interlocked.Increment(ref _streamsAccepted);

    internal void CountTurnedAway() => Interlocked.Increment(ref _streamsTurnedAway);
}

namespace Networking.Netlink;

/// <summary>What went through a socket so far. Deterministic, so tests hold an operation's cost to exact figures.</summary>
public readonly record struct NetlinkCounters(
    long MessagesSent, long BytesSent, long SendCalls, long MessagesReceived, long BytesReceived, long ReceiveCalls)
{
    /// <summary>The traffic between two snapshots.</summary>
    public static NetlinkCounters operator -(NetlinkCounters later, NetlinkCounters earlier) => later.Subtract(earlier);

    /// <summary>The sum of two sockets.</summary>
    public static NetlinkCounters operator +(NetlinkCounters left, NetlinkCounters right) => left.Add(right);

    /// <summary>The traffic since an earlier snapshot.</summary>
    public NetlinkCounters Subtract(NetlinkCounters earlier) => new(
        MessagesSent - earlier.MessagesSent,
        BytesSent - earlier.BytesSent,
        SendCalls - earlier.SendCalls,
        MessagesReceived - earlier.MessagesReceived,
        BytesReceived - earlier.BytesReceived,
        ReceiveCalls - earlier.ReceiveCalls);

    /// <summary>The sum of two sockets.</summary>
    public NetlinkCounters Add(NetlinkCounters other) => new(
        MessagesSent + other.MessagesSent,
        BytesSent + other.BytesSent,
        SendCalls + other.SendCalls,
        MessagesReceived + other.MessagesReceived,
        BytesReceived + other.BytesReceived,
        ReceiveCalls + other.ReceiveCalls);
}

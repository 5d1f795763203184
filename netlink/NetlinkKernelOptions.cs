namespace Networking.Netlink;

/// <summary>Limits of the kernel adapter.</summary>
public sealed record NetlinkKernelOptions
{
    /// <summary>How many events may wait; more are dropped and told as lost.</summary>
    public int EventsMax { get; init; } = 4096;

    /// <summary>Receive buffer of the event socket in bytes; a burst beyond it is told as lost.</summary>
    public int EventBufferBytes { get; init; } = 4 << 20;
}

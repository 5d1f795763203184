namespace Networking.Netd.Forwarding;

/// <summary>Limits of the forwarder. Every one of its tables is bounded; what happens at the bound is said here.</summary>
internal sealed record ForwarderOptions
{
    /// <summary>
    /// TCP connections at a time, two descriptors each. When there are as many, nothing is accepted: the kernel's backlog holds
    /// who comes, and after it the client's own retries.
    /// </summary>
    public int ConnectionsMax { get; init; } = 4096;

    /// <summary>The same for one port, so that one cannot take all.</summary>
    public int ConnectionsPerPortMax { get; init; } = 1024;

    /// <summary>How long a target may take to accept; then the client's connection is reset.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// UDP sessions at a time, a descriptor each. When there are as many, a port's new client takes the place of its longest
    /// silent one; a port that has none drops the datagram.
    /// </summary>
    public int SessionsMax { get; init; } = 8192;

    /// <summary>The same for one port: the longest silent client makes room.</summary>
    public int SessionsPerPortMax { get; init; } = 1024;

    /// <summary>After how much silence in both directions a UDP session ends (FACTS 1.7), give or take a ninth.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromSeconds(90);
}

using System.Net;

namespace Networking.Ipam;

/// <summary>How a pool gives addresses out that nobody asked for by name.</summary>
public sealed record PoolRules
{
    /// <summary>The next after the last, of the whole prefix, without a rest.</summary>
    public static PoolRules Default { get; } = new();

    /// <summary>
    /// Chosen addresses come from here only (<c>--ip-range</c>), one that is asked for may be anywhere in the prefix (FACTS
    /// 1.10, Specific address); null for the whole prefix. Inside the prefix.
    /// </summary>
    public IPNetwork? Range { get; init; }

    /// <summary>The lowest free address each time, not the next after the last (FACTS 1.10, Address order).</summary>
    public bool IsSerial { get; init; }

    /// <summary>How long a released address is not chosen as long as another is free; zero for no rest.</summary>
    public TimeSpan Rest { get; init; }
}

namespace Networking.Dns;

/// <summary>Limits of the forwarder.</summary>
public sealed record ForwardingOptions
{
    /// <summary>Questions that wait for others at one time; more are refused.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>Different questions under way at one time, each with a few sockets; more wait their turn.</summary>
    public int FlightsMax { get; init; } = 1_024;

    /// <summary>Longest wait for an answer, whoever is asked; then SERVFAIL.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>After that, an answer that is out of date is better than none (RFC 8767).</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMilliseconds(1_800);

    /// <summary>How long an answer may be out of date and still be used when nobody answers.</summary>
    public TimeSpan StaleMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Memory for answers, in bytes.</summary>
    public long CacheBytesMax { get; init; } = 8 << 20;

    /// <summary>Longest that an answer is kept as good, whatever it says.</summary>
    public TimeSpan PositiveTtlMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest that "there is no such thing" is kept, whatever it says.</summary>
    public TimeSpan NegativeTtlMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A mistake that tests must find.</summary>
    internal PlantedBug Planted { get; init; }
}

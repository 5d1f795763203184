using System.Collections.Immutable;
using System.Globalization;

namespace Networking.Bench;

/// <summary>One measured number, beside what somebody would take instead. Its fields are the JSON line's, in this order.</summary>
internal sealed record Figure
{
    public required string Name { get; init; }

    public required string Unit { get; init; }

    /// <summary>Median of our samples; null if ours could not be measured.</summary>
    public double? Ours { get; init; }

    /// <summary>Median of the peer's samples; null without a peer, or if it was skipped.</summary>
    public double? Peer { get; init; }

    public string? PeerName { get; init; }

    public string? PeerVersion { get; init; }

    /// <summary>What the peer was asked to do; of a skipped peer, why.</summary>
    public string? PeerCommand { get; init; }

    /// <summary>Ours divided by the peer's.</summary>
    public double? Ratio { get; init; }

    public string? Target { get; init; }

    public bool? Met { get; init; }

    public ImmutableArray<double> OursSamples { get; init; } = [];

    public ImmutableArray<double> PeerSamples { get; init; } = [];

    /// <summary>A figure without a peer.</summary>
    public static Figure Alone(string name, string unit, IEnumerable<double> ours, Limit? limit = null)
    {
        ImmutableArray<double> samples = [.. ours];
        var median = Samples.Median(samples);
        return new Figure
        {
            Name = name,
            Unit = unit,
            Ours = median,
            Target = limit?.Text("ours"),
            Met = median is { } value ? limit?.Holds(value) : null,
            OursSamples = samples,
        };
    }

    /// <summary>A figure beside a peer; the limit is on the ratio.</summary>
    public static Figure Beside(string name, string unit, IEnumerable<double> ours, PeerIdentity peer, IEnumerable<double> theirs, Limit? limit = null)
    {
        var alone = Alone(name, unit, ours);
        ImmutableArray<double> samples = [.. theirs];
        var median = Samples.Median(samples);
        var ratio = alone.Ours is { } a && median is { } b && b > 0 ? a / b : (double?)null;
        return alone with
        {
            Peer = median,
            PeerName = peer.Name,
            PeerVersion = peer.Version,
            PeerCommand = peer.Command,
            Ratio = ratio,
            Target = limit?.Text("ratio"),
            Met = ratio is { } value ? limit?.Holds(value) : null,
            PeerSamples = samples,
        };
    }

    /// <summary>A figure whose peer could not be had.</summary>
    public static Figure WithoutPeer(string name, string unit, IEnumerable<double> ours, string peer, string reason) =>
        Alone(name, unit, ours) with { PeerName = peer, PeerCommand = "skipped: " + reason };
}

/// <summary>A bound that a figure or a ratio is held to.</summary>
internal sealed record Limit(double Value, bool IsLeast = false)
{
    public static Limit AtMost(double value) => new(value);

    public static Limit AtLeast(double value) => new(value, IsLeast: true);

    public bool Holds(double value) => IsLeast ? value >= Value : value <= Value;

    public string Text(string what) => string.Create(CultureInfo.InvariantCulture, $"{what} {(IsLeast ? ">=" : "<=")} {Value:0.####}");
}

/// <summary>Which peer it was.</summary>
internal sealed record PeerIdentity(string Name, string? Version, string Command);

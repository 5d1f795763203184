namespace Networking.Simulation.Tests.World;

/// <summary>How the network treats what it carries.</summary>
internal sealed record Weather
{
    public static Weather Fair { get; } = new();

    public double Loss { get; init; }

    public double Duplication { get; init; }

    public double Corruption { get; init; }

    /// <summary>Packets that are much later than others sent after them.</summary>
    public double Straggling { get; init; }

    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(1);

    public TimeSpan Jitter { get; init; } = TimeSpan.FromMilliseconds(2);
}

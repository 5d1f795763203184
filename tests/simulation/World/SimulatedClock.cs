using Networking.Simulation.Tests.Engine;

namespace Networking.Simulation.Tests.World;

/// <summary>A node's own clock: it drifts, and may leap.</summary>
internal sealed class SimulatedClock(EventQueue queue, double rate)
{
    private TimeSpan _offset = TimeSpan.FromHours(100);

    public TimeSpan Now => _offset + (queue.Now * rate);

    public void Leap(TimeSpan by) => _offset += by;

    /// <summary>When, by the world's clock, this one shows a time.</summary>
    public TimeSpan World(TimeSpan own) => (own - _offset) / rate;
}

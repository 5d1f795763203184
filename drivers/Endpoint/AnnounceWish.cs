using System.Runtime.InteropServices;
using Networking.Kernel;

namespace Networking.Drivers;

/// <summary>How addresses shall be announced on join, as far as somebody said so.</summary>
/// <param name="Count">How often, 0 to 3; null if that was left open.</param>
/// <param name="IntervalMs">How far apart in milliseconds, 100 to 2000; null if that was left open.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AnnounceWish(int? Count, int? IntervalMs)
{
    /// <summary>The policy of an endpoint: its own wish, then its network's, then the default; null for not at all.</summary>
    public AnnouncePolicy? Over(AnnounceWish network)
    {
        var count = Count ?? network.Count ?? AnnouncePolicy.Default.Count;
        var interval = (IntervalMs ?? network.IntervalMs) is { } ms ? TimeSpan.FromMilliseconds(ms) : AnnouncePolicy.Default.Interval;
        return count == 0 ? null : new AnnouncePolicy(count, interval);
    }
}

using System.Collections.Immutable;
using System.Diagnostics;

namespace Networking.Bench;

/// <summary>Order statistics: on a shared machine a median says more than a mean.</summary>
internal static class Samples
{
    public static double? Median(IReadOnlyCollection<double> samples) => Quantile(samples, 0.5);

    public static double? Quantile(IReadOnlyCollection<double> samples, double share)
    {
        if (samples.Count == 0)
        {
            return null;
        }

        ImmutableArray<double> sorted = [.. samples.Order()];
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (place - below));
    }

    /// <summary>How long an action takes, in milliseconds.</summary>
    public static double Milliseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 4);
    }
}

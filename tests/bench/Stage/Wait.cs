using System.Diagnostics;

namespace Networking.Bench;

/// <summary>Waits for things that other programs bring about.</summary>
internal static class Wait
{
    /// <summary>Waits until a condition holds.</summary>
    /// <exception cref="CommandException">It did not hold in time.</exception>
    public static void Until(Func<bool> condition, TimeSpan patience, string what, CancellationToken stop)
    {
        if (!Holds(condition, patience, stop))
        {
            throw new CommandException($"{what}: not within {patience.TotalSeconds:0} s");
        }
    }

    /// <summary>Waits until a condition holds; false if it did not in time.</summary>
    public static bool Holds(Func<bool> condition, TimeSpan patience, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > patience)
            {
                return false;
            }

            Pause(TimeSpan.FromMilliseconds(20), stop);
        }

        return true;
    }

    /// <summary>Lets the machine come to rest between samples.</summary>
    public static void Pause(TimeSpan time, CancellationToken stop)
    {
        _ = stop.WaitHandle.WaitOne(time);
        stop.ThrowIfCancellationRequested();
    }
}

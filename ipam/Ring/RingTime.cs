namespace Networking.Ipam.Ring;

/// <summary>
/// Two views of one clock. The caller's own, for terms: if it leaps forward they end early. And the time this node has
/// lived through, for waiting: a leap, or a process that was stopped, counts one tick, so that nobody is declared dead by it.
/// </summary>
internal sealed class RingTime(RingOptions options)
{
    private static readonly TimeSpan LateMax = TimeSpan.FromSeconds(2);

    private bool _isStarted;

    /// <summary>The caller's clock.</summary>
    public TimeSpan Outside { get; private set; }

    /// <summary>What was lived through, never more than what passed while the clock behaved.</summary>
    public TimeSpan Lived { get; private set; }

    /// <summary>How often the clock was set back: a term that began before one is worth nothing.</summary>
    public int SetBacks { get; private set; }

    /// <summary>Moves on: true if the clock leapt, or this node stood still.</summary>
    public bool Advance(TimeSpan outside)
    {
        var passed = _isStarted ? outside - Outside : TimeSpan.Zero;
        _isStarted = true;
        Outside = outside;
        if (passed < TimeSpan.Zero)
        {
            SetBacks++;
            return true;
        }

        var isLeap = passed > options.TickInterval + LateMax;
        Lived += isLeap && options.Planted != RingBug.LeapCountsAsWaiting ? options.TickInterval : passed;
        return isLeap && options.Planted != RingBug.LeapCountsAsWaiting;
    }
}

namespace Networking.TestSupport;

/// <summary>
/// A clock that a test moves. Timers fire on the thread that moves it, in the order of their due times, and each sees
/// the very moment it was due at. Timers and timestamps go on as they were when the wall clock is set.
/// </summary>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new(); // guards _now, _set, _sequence, _timers
    private readonly SortedSet<ManualTimer> _timers = new(ByDueTime.Instance);
    private DateTimeOffset _now = start; // on a clock that nobody sets
    private TimeSpan _set; // how far the wall clock is from that
    private long _sequence;

    /// <summary>A constant start: a test never sees the real clock.</summary>
    public ManualTime()
        : this(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer fires; null if none is armed.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
            {
                return _timers.Min?.Due + _set;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now + _set;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _now.UtcTicks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Somebody sets the wall clock, forwards or back, as NTP does after a boot.</summary>
    public void SetWallClock(TimeSpan by)
    {
        lock (_gate)
        {
            _set += by;
        }
    }

    /// <summary>Moves the clock and fires what falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset target;
        lock (_gate)
        {
            target = _now + by;
        }

        while (FireNext(target))
        {
        }

        lock (_gate)
        {
            _now = target > _now ? target : _now;
        }
    }

    /// <summary>Moves the clock to the next due time and fires what is due then; false if no timer is armed.</summary>
    public bool AdvanceToNext()
    {
        if (NextDue is not { } due)
        {
            return false;
        }

        Advance(due > GetUtcNow() ? due - GetUtcNow() : TimeSpan.Zero);
        return true;
    }

    private bool FireNext(DateTimeOffset until)
    {
        ManualTimer timer;
        lock (_gate)
        {
            if (_timers.Min is not { } next || next.Due > until)
            {
                return false;
            }

            timer = next;
            _now = timer.Due > _now ? timer.Due : _now;
            _ = _timers.Remove(timer);
            if (timer.Period > TimeSpan.Zero)
            {
                Arm(timer, _now + timer.Period);
            }
        }

        timer.Fire();
        return true;
    }

    private void Arm(ManualTimer timer, DateTimeOffset due)
    {
        timer.Due = due;
        timer.Sequence = ++_sequence;
        _ = _timers.Add(timer);
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public long Sequence { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                _ = time._timers.Remove(this);
                Period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    time.Arm(this, time._now + dueTime);
                }
            }

            return true;
        }

        public void Dispose() => _ = Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class ByDueTime : IComparer<ManualTimer>
    {
        public static ByDueTime Instance { get; } = new();

        public int Compare(ManualTimer? x, ManualTimer? y)
        {
            var byDue = Nullable.Compare(x?.Due, y?.Due);
            return byDue != 0 ? byDue : Nullable.Compare(x?.Sequence, y?.Sequence);
        }
    }
}

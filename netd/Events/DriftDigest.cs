using Networking.Kernel;

namespace Networking.Netd.Events;

/// <summary>
/// Tells what was found not as netd left it, and no more of one object than people can read: at once what is said for the
/// first few times within a second, and after it how often it came again.
/// </summary>
internal sealed class DriftDigest : IDisposable
{
    /// <summary>Different findings of one scope that are told within <see cref="Pause"/>; the others are counted.</summary>
    public const int ToldMax = 128;

    /// <summary>How often the same is told at once within <see cref="Pause"/>; then it is counted.</summary>
    public const int AtOnceMax = 5;

    /// <summary>How long what was told often enough is only counted.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new(); // guards _recent, _isArmed
    private readonly Dictionary<ScopeId, Recent> _recent = []; // as many as there are scopes
    private readonly Action<ScopeId, string> _tell;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _isArmed;

    /// <param name="tell">Where it is told: whose object, what was found.</param>
    /// <param name="time">The clock.</param>
    public DriftDigest(Action<ScopeId, string> tell, TimeProvider time)
    {
        (_tell, _time) = (tell, time);
        _timer = time.CreateTimer(_ => Sum(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes a finding.</summary>
    public void Add(ScopeId scope, string what)
    {
        lock (_gate)
        {
            if (!_recent.TryGetValue(scope, out var recent))
            {
                _recent[scope] = recent = new Recent(_time.GetTimestamp());
            }

            if (!recent.Times.TryGetValue(what, out var times) && recent.Times.Count >= ToldMax)
            {
                recent.Others++;
                recent.Other = what;
                return;
            }

            recent.Times[what] = times + 1;
            if (times >= AtOnceMax)
            {
                return;
            }


            Arm();
        }

        _tell(scope, what);
    }

    public void Dispose() => _timer.Dispose();

    private void Sum()
    {
        KeyValuePair<ScopeId, Recent>[] over;
        lock (_gate)
        {
            over = [.. _recent.Where(r => _time.GetElapsedTime(r.Value.Began) >= Pause)];
            Array.ForEach(over, r => _recent.Remove(r.Key));
            _isArmed = false;
            Arm();
        }

        foreach (var (scope, recent) in over)
        {
            foreach (var (what, times) in recent.Times.Where(static t => t.Value > AtOnceMax))
            {
                _tell(scope, $"{what} ({times - AtOnceMax} times more within {Pause.TotalSeconds:0} s)");
            }

            if (recent.Others > 0)
            {
                _tell(scope, $"{recent.Other} (one of {recent.Others} more findings within {Pause.TotalSeconds:0} s)");
            }
        }
    }

    private void Arm()
    {
        if (!_isArmed && _recent.Count > 0)
        {
            _isArmed = _timer.Change(Pause, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Recent(long began)
    {
        public long Began { get; } = began; // a timestamp

        /// <summary>What was told, and how often it came.</summary>
        public Dictionary<string, int> Times { get; } = new(StringComparer.Ordinal);

        /// <summary>How many came that were not told.</summary>
        public int Others { get; set; }

        /// <summary>The last of them.</summary>
        public string Other { get; set; } = string.Empty;
    }
}

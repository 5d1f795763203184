using System.Net;

namespace Networking.Dns;

/// <summary>A server to ask, and what asking it was like.</summary>
/// <remarks>
/// <code>
///   well ──no answer in time──► resting (2 s, doubling to 60 s) ──over──► tried beside another ──answer──► well
///                                   ▲                                              │ no answer
///                                   └──────────────────────────────────────────────┘
/// </code>
/// </remarks>
public sealed class UpstreamServer
{
    private static readonly TimeSpan RestMin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PatienceMin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMilliseconds(150);

    private readonly Lock _gate = new(); // guards everything below
    private TimeSpan? _latency;
    private TimeSpan _rest = TimeSpan.Zero;
    private TimeSpan _restsUntil = TimeSpan.MinValue;
    private bool _isTried;
    private bool _changesLetters;

    /// <param name="address">Where it is.</param>
    public UpstreamServer(IPEndPoint address) => Address = address;

    /// <summary>Where it is.</summary>
    public IPEndPoint Address { get; }

    /// <summary>How long it takes to answer, smoothed; null if it never has.</summary>
    public TimeSpan? Latency
    {
        get
        {
            lock (_gate)
            {
                return _latency;
            }
        }
    }

    /// <summary>Whether it gives names back in other letters than it was asked in, so that they prove nothing.</summary>
    public bool ChangesLetters
    {
        get
        {
            lock (_gate)
            {
                return _changesLetters;
            }
        }
    }

    /// <summary>Whether it has not failed since it last answered.</summary>
    public bool IsWell
    {
        get
        {
            lock (_gate)
            {
                return _rest == TimeSpan.Zero;
            }
        }
    }

    /// <summary>After how long without an answer the next server is asked too: a few times what it usually takes.</summary>
    public TimeSpan Patience
    {
        get
        {
            lock (_gate)
            {
                var usual = _latency is { } latency ? (latency * 3) + PatienceMin : PatienceMax;
                return usual < PatienceMax ? usual : PatienceMax;
            }
        }
    }

    /// <summary>Whether its rest is over; if so the next one has begun, so that one question tries it and not all of them.</summary>
    /// <param name="now">Time on a clock that nobody sets.</param>
    public bool TryEndRest(TimeSpan now)
    {
        lock (_gate)
        {
            if (_rest == TimeSpan.Zero || now < _restsUntil)
            {
                return false;
            }

            _restsUntil = now + _rest;
            _isTried = true;
            return true;
        }
    }

    /// <summary>It answered.</summary>
    public void Succeeded(TimeSpan latency)
    {
        lock (_gate)
        {
            _latency = _latency is { } before ? ((before * 7) + latency) / 8 : latency;
            (_rest, _restsUntil, _isTried) = (TimeSpan.Zero, TimeSpan.MinValue, false);
        }
    }

    /// <summary>It did not answer in time, or refused to be reached.</summary>
    /// <param name="now">Time on the same clock.</param>
    public void Failed(TimeSpan now)
    {
        lock (_gate)
        {
            if (now < _restsUntil && !_isTried)
            {
                return; // one of many questions that were under way when it failed
            }

            _rest = _rest == TimeSpan.Zero ? RestMin : _rest * 2 < RestMax ? _rest * 2 : RestMax;
            _restsUntil = now + _rest;
            _isTried = false;
        }
    }

    /// <summary>It gave a name back in other letters, and by TCP too it was its answer.</summary>
    public void NoteChangedLetters()
    {
        lock (_gate)
        {
            _changesLetters = true;
        }
    }
}

namespace Networking.Dns;

/// <summary>What the forwarder has done so far.</summary>
public sealed class ForwardingCounters
{
    private long _asked;
    private long _joined;
    private long _cached;
    private long _stale;
    private long _failed;
    private long _refused;
    private long _spoofed;
    private long _overTcp;

    /// <summary>Questions sent to servers, by whomever they were asked first.</summary>
    public long Asked => Volatile.Read(ref _asked);

    /// <summary>Questions that waited for the answer to the same one.</summary>
    public long Joined => Volatile.Read(ref _joined);

    /// <summary>Answers from memory.</summary>
    public long Cached => Volatile.Read(ref _cached);

    /// <summary>Answers from memory that were out of date, because nobody answered in time.</summary>
    public long Stale => Volatile.Read(ref _stale);

    /// <summary>Questions that nobody answered.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Questions refused because too many waited.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Datagrams thrown away because they were not the answer: wrong sender, id or question.</summary>
    public long Spoofed => Volatile.Read(ref _spoofed);

    /// <summary>Questions asked again by TCP, because the answer was cut or changed the letters.</summary>
    public long OverTcp => Volatile.Read(ref _overTcp);

    internal void CountAsked() => Interlocked.Increment(ref _asked);

    internal void CountJoined() => Interlocked.Increment(ref _joined);

    internal void CountCached() => Interlocked.Increment(ref _cached);

    internal void CountStale() => Interlocked.Increment(ref _stale);

    internal void CountFailed() => Interlocked.Increment(ref _failed);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountSpoofed() => Interlocked.Increment(ref _spoofed);

    internal void CountOverTcp() => Interlocked.Increment(ref _overTcp);
}

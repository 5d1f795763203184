namespace Networking.Dns;

/// <summary>
/// Asks others. The same question at the same time is asked once; that also ends a loop: a question that comes back to us waits
/// for itself and for nothing more. Everything is bounded: questions that wait, questions under way, time, memory for answers.
/// </summary>
public sealed class Forwarder : IAsyncDisposable
{
    private readonly ForwardingOptions _options;
    private readonly TimeProvider _time;
    private readonly RandomBytes _random;
    private readonly AnswerCache _cache;
    private readonly SemaphoreSlim _flightSlots;
    private readonly Lock _gate = new(); // guards _flights, _running
    private readonly HashSet<Task> _running = [];
    private readonly Dictionary<byte[], Task<byte[]?>> _flights = new(QuestionKey.Comparer);
    private int _waiting;

    /// <param name="options">Limits.</param>
    /// <param name="time">Clock of timeouts and of answers' ages.</param>
    /// <param name="random">Ids and letters: must not be guessed.</param>
    public Forwarder(ForwardingOptions options, TimeProvider time, RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time, _random) = (options, time, random);
        _cache = new AnswerCache(options);
        _flightSlots = new SemaphoreSlim(options.FlightsMax);
    }

    /// <summary>What was done so far.</summary>
    public ForwardingCounters Counters { get; } = new();

    /// <summary>Questions that wait now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Memory for answers in use, about, in bytes.</summary>
    public long CacheBytes => _cache.Bytes;

    /// <summary>Answers kept.</summary>
    public int CacheCount => _cache.Count;

    /// <summary>Answers from memory, if there is an answer that is still good.</summary>
    /// <param name="group">Whom one would ask.</param>
    /// <param name="query">The question.</param>
    /// <param name="reply">As long as the answer may get; at least 512 bytes.</param>
    /// <returns>Length of the answer; zero if others must be asked.</returns>
    public int TryAnswer(UpstreamGroup group, in DnsQuery query, Span<byte> reply)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (query.HasEdnsOptions)
        {
            return 0;
        }

        Span<byte> key = stackalloc byte[QuestionKey.BytesMax];
        var now = _time.GetUtcNow();
        if (_cache.Find(key[..QuestionKey.Write(group.Number, query, key)], now) is not { } known || now >= known.Expires)
        {
            return 0;
        }

        Counters.CountCached();
        return AnswerShape.Write(query, known.Message, now - known.Stored, reply);
    }

    /// <summary>Asks the servers of a group.</summary>
    /// <param name="group">Whom.</param>
    /// <param name="message">The question as it came, read without a fault before; must not change until this returns.</param>
    /// <param name="reply">As long as the answer may get; at least 512 bytes.</param>
    /// <returns>Length of the answer in bytes: theirs, SERVFAIL if there is none in time, REFUSED if too many wait.</returns>
    public async Task<int> AskAsync(UpstreamGroup group, ReadOnlyMemory<byte> message, Memory<byte> reply)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (Interlocked.Increment(ref _waiting) > _options.WaitingMax)
        {
            _ = Interlocked.Decrement(ref _waiting);
            Counters.CountRefused();
            return WriteCode(message.Span, ResponseCode.Refused, reply.Span);
        }

        try
        {
            var key = KeyOf(group, message.Span, out var mayKeep);
            var stale = mayKeep ? _cache.Find(key, _time.GetUtcNow()) : null;
            var flight = JoinOrBeginAsync(group, key, message, mayKeep);
            if (await AnswerInTimeAsync(flight, stale) is { } answer)
            {
                return WriteAnswer(message.Span, answer, TimeSpan.Zero, reply.Span);
            }

            if (stale is not null)
            {
                Counters.CountStale();
                return WriteAnswer(message.Span, stale.Message, age: null, reply.Span);
            }

            Counters.CountFailed();
            return WriteCode(message.Span, ResponseCode.ServerFailure, reply.Span);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Waits for what is under way, at most until its deadline. Nothing may be asked any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _flightSlots.Dispose();
    }

    private static int WriteCode(ReadOnlySpan<byte> message, ResponseCode code, Span<byte> reply)
    {
        _ = DnsQuery.TryRead(message, out var query); // it was read before
        return Reply.Write(query, code, reply);
    }

    private static int WriteAnswer(ReadOnlySpan<byte> message, ReadOnlySpan<byte> answer, TimeSpan? age, Span<byte> reply)
    {
        _ = DnsQuery.TryRead(message, out var query); // it was read before
        return AnswerShape.Write(query, answer, age, reply);
    }

    // Options make a question one of its own: what follows the question is part of the key.
    private static byte[] KeyOf(UpstreamGroup group, ReadOnlySpan<byte> message, out bool mayKeep)
    {
        _ = DnsQuery.TryRead(message, out var query); // it was read before
        Span<byte> key = stackalloc byte[QuestionKey.BytesMax];
        var length = QuestionKey.Write(group.Number, query, key);
        mayKeep = !query.HasEdnsOptions;
        return mayKeep ? key[..length].ToArray() : [.. key[..length], .. message[query.QuestionEnd..]];
    }

    private Task<byte[]?> JoinOrBeginAsync(UpstreamGroup group, byte[] key, ReadOnlyMemory<byte> message, bool mayKeep)
    {
        TaskCompletionSource<byte[]?> begun;
        lock (_gate)
        {
            if (_flights.TryGetValue(key, out var running))
            {
                Counters.CountJoined();
                return running;
            }

            begun = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _flights.Add(key, begun.Task);
        }

        // Its own copy: it may outlive whoever asked first, who may be content with a stale answer.
        var flight = FlyAsync(group, key, message.ToArray(), mayKeep, begun);
        lock (_gate)
        {
            _ = _running.Add(flight);
            _ = _running.RemoveWhere(static f => f.IsCompleted);
        }

        return begun.Task;
    }

    // Ends for everybody who waits for it, with an answer or without, and then looks how the slower ones do. Bounded in time.
    private async Task FlyAsync(UpstreamGroup group, byte[] key, byte[] message, bool mayKeep, TaskCompletionSource<byte[]?> begun)
    {
        using var deadline = new CancellationTokenSource(_options.Deadline, _time);
        var hasSlot = false;
        try
        {
            hasSlot = await TakeSlotAsync(deadline.Token);
            await using var race = new UpstreamRace(group, message, _time, _random, Counters);
            var answer = hasSlot ? await race.RunAsync(deadline.Token) : null;
            if (answer is not null && mayKeep)
            {
                _cache.Keep(key, answer, _time.GetUtcNow());
            }

            End(key);
            begun.SetResult(answer);
        }
        catch (Exception e) // one of our own promises broke: whoever asked is told
        {
            End(key);
            _ = begun.TrySetException(e);
        }
        finally
        {
            if (hasSlot)
            {
                _ = _flightSlots.Release();
            }
        }
    }

    private void End(byte[] key)
    {
        lock (_gate)
        {
            _ = _flights.Remove(key);
        }
    }

    // False if all servers are slow, and so many wait that its turn did not come.
    private async Task<bool> TakeSlotAsync(CancellationToken deadline)
    {
        try
        {
            await _flightSlots.WaitAsync(deadline);
            Counters.CountAsked();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<byte[]?> AnswerInTimeAsync(Task<byte[]?> flight, CachedAnswer? stale)
    {
        if (stale is null)
        {
            return await flight;
        }

        using var patience = new CancellationTokenSource();
        var late = Task.Delay(_options.StaleAfter, _time, patience.Token);
        var first = await Task.WhenAny(flight, late);
        Cancellation.End(patience);
        return first == flight ? await flight : null; // it goes on, and the next question finds its answer
    }
}

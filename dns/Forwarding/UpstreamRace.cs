namespace Networking.Dns;

/// <summary>
/// One question to the servers of a group: the first is asked, and the next as well when it fails or takes longer than usual. The
/// first good answer wins. SERVFAIL and REFUSED are the answer only if nobody has a better one; NXDOMAIN is an answer.
/// </summary>
internal sealed class UpstreamRace(UpstreamGroup group, byte[] message, TimeProvider time, RandomBytes random, ForwardingCounters counters) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Running> _running = [];
    private readonly long _start = time.GetTimestamp();
    private readonly HashSet<UpstreamServer> _answered = [];
    private byte[]? _poorAnswer;

    // Since the machine began: servers must not rest for hours because somebody sets the clock.
    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>The answer; null if there is none before the deadline.</summary>
    public async Task<byte[]?> RunAsync(CancellationToken deadline)
    {
        var attempts = new Queue<UpstreamAttempt>(group.Plan(Now));
        while (!deadline.IsCancellationRequested)
        {
            Begin(attempts);
            if (attempts.Count == 0 && _running.Count == 0)
            {
                break; // all have answered, poorly
            }

            if (await NextAsync(attempts, deadline) is not { } done)
            {
                continue; // time for the next attempt, or too late for any
            }

            _ = _running.Remove(done);
            if (await GoodAnswerAsync(done) is { } answer)
            {
                return answer;
            }
        }

        return _poorAnswer;
    }

    /// <summary>
    /// Gives those who are still asked the time they usually take, to learn whether they are dead or only slower; then tells
    /// them to stop and waits for that.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        while (_running.Count > 0)
        {
            var patience = _running.Max(r => r.Server.Patience - time.GetElapsedTime(r.Start));
            if (patience <= TimeSpan.Zero || await NextAsync(new Queue<UpstreamAttempt>(), CancellationToken.None, patience) is not { } done)
            {
                break;
            }

            _ = _running.Remove(done);
            _ = await GoodAnswerAsync(done);
        }

        foreach (var server in _running.Select(static r => r.Server).Distinct())
        {
            server.Failed(Now);
        }

        Cancellation.End(_ending);
        foreach (var running in _running)
        {
            try
            {
                _ = await running.Answer;
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // It is too late for whatever it would have said.
            }
        }

        _ending.Dispose();
    }

    // Those that are due; and the next one if nobody is being asked. To ask again waits for its time, and what a server has
    // answered it will answer again.
    private void Begin(Queue<UpstreamAttempt> attempts)
    {
        while (attempts.TryPeek(out var next)
            && ((_running.Count == 0 && !next.IsRepeat) || next.After <= time.GetElapsedTime(_start) || _answered.Contains(next.Server)))
        {
            _ = attempts.Dequeue();
            if (_answered.Contains(next.Server))
            {
                continue;
            }

            _running.Add(new Running(next.Server, time.GetTimestamp(), UpstreamExchange.AskAsync(group, next.Server, message, random, counters, _ending.Token)));
        }
    }

    // Whoever is done first; null when it is time for the next attempt, or the time is over.
    private async Task<Running?> NextAsync(Queue<UpstreamAttempt> attempts, CancellationToken deadline, TimeSpan? patience = null)
    {
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var wait = attempts.TryPeek(out var next) ? next.After - time.GetElapsedTime(_start) : patience ?? Timeout.InfiniteTimeSpan;
        var due = Task.Delay(wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : wait, time, turn.Token);
        var first = await Task.WhenAny([due, .. _running.Select(static r => r.Answer)]);
        Cancellation.End(turn);
        return first == due ? null : _running.First(r => r.Answer == first);
    }

    private async Task<byte[]?> GoodAnswerAsync(Running done)
    {
        byte[] answer;
        try
        {
            answer = await done.Answer;
        }
        catch (IOException)
        {
            done.Server.Failed(Now); // nobody listens there, or there is no way
            return null;
        }

        done.Server.Succeeded(time.GetElapsedTime(done.Start));
        _ = DnsHeader.TryRead(answer, out var header); // the exchange has read it
        if (header.Code is ResponseCode.ServerFailure or ResponseCode.Refused)
        {
            _poorAnswer ??= answer;
            _ = _answered.Add(done.Server);
            return null;
        }

        return answer;
    }

    private sealed record Running(UpstreamServer Server, long Start, Task<byte[]> Answer);
}

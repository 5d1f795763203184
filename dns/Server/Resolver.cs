using Networking.Model;

namespace Networking.Dns;

/// <summary>
/// The chain of answers: what cannot be asked, the names of the sandbox's networks, memory, others. One for all sandboxes; it
/// holds no state of any, and answers each question from one moment's names.
/// </summary>
/// <param name="names">The names as they are now.</param>
/// <param name="upstreams">Whom a sandbox may ask; null if nobody.</param>
/// <param name="forwarder">Asks them.</param>
/// <param name="time">Clock of latencies.</param>
public sealed class Resolver(Func<NameSnapshot> names, Func<SandboxNames, UpstreamGroup?> upstreams, Forwarder forwarder, TimeProvider time)
{
    /// <summary>Longest answer by UDP in bytes, whatever the client would take: it comes over the loopback.</summary>
    public const int DatagramMax = 4096;

    private uint _turn;

    /// <summary>What was done so far.</summary>
    public ResolverCounters Counters { get; } = new();

    /// <summary>Shows questions to whoever wants to see them.</summary>
    public QueryLog Log { get; } = new();

    /// <summary>Answers what can be answered without asking others.</summary>
    /// <param name="sandbox">Who asks.</param>
    /// <param name="message">What came.</param>
    /// <param name="isStream">It came by TCP, and the answer may be as long as the reply is.</param>
    /// <param name="reply">At least <see cref="DatagramMax"/>.</param>
    /// <param name="upstream">Who must be asked, with AskAsync; null if nobody.</param>
    /// <returns>Length of the answer; zero for none, and while others are to be asked.</returns>
    public int Answer(SandboxId sandbox, ReadOnlySpan<byte> message, bool isStream, Span<byte> reply, out UpstreamGroup? upstream)
    {
        var (length, stage) = AnswerHere(sandbox, message, isStream, reply, out upstream);
        if (upstream is not null)
        {
            return 0;
        }

        if (length == 0)
        {
            Counters.CountSilence();
        }
        else
        {
            Counters.Count(stage, CodeOf(reply));
        }

        if (Log.IsWanted(sandbox))
        {
            Show(sandbox, message, isStream, stage, length == 0 ? null : CodeOf(reply), TimeSpan.Zero);
        }

        return length;
    }

    /// <summary>Asks others.</summary>
    /// <param name="sandbox">Who asks.</param>
    /// <param name="upstream">Whom, as <see cref="Answer"/> said.</param>
    /// <param name="message">The question.</param>
    /// <param name="isStream">It came by TCP.</param>
    /// <param name="reply">At least <see cref="DatagramMax"/>.</param>
    /// <returns>Length of the answer.</returns>
    public async Task<int> AskAsync(SandboxId sandbox, UpstreamGroup upstream, ReadOnlyMemory<byte> message, bool isStream, Memory<byte> reply)
    {
        var start = time.GetTimestamp();
        var length = await forwarder.AskAsync(upstream, message, reply[..LimitOf(message.Span, isStream, reply.Length)]);
        var took = time.GetElapsedTime(start);
        Counters.CountLatency(took);
        Counters.Count(AnswerStage.Upstream, CodeOf(reply.Span));
        if (Log.IsWanted(sandbox))
        {
            Show(sandbox, message.Span, isStream, AnswerStage.Upstream, CodeOf(reply.Span), took);
        }

        return length;
    }

    /// <summary>Answers a question that a person asks, and tells who answered.</summary>
    public async Task<(int Length, AnswerStage Stage)> ExplainAsync(SandboxId sandbox, ReadOnlyMemory<byte> message, Memory<byte> reply)
    {
        var (length, stage) = AnswerHere(sandbox, message.Span, isStream: true, reply.Span, out var upstream);
        return upstream is null ? (length, stage) : (await forwarder.AskAsync(upstream, message, reply), AnswerStage.Upstream);
    }

    private (int Length, AnswerStage Stage) AnswerHere(
        SandboxId sandbox, ReadOnlySpan<byte> message, bool isStream, Span<byte> reply, out UpstreamGroup? upstream)
    {
        upstream = null;
        var fault = DnsQuery.TryRead(message, out var query);
        if (fault != DnsFault.None)
        {
            return (Reply.Write(message, fault, reply), AnswerStage.Refusal);
        }

        var limited = reply[..(isStream ? reply.Length : Math.Min(query.PayloadMax, reply.Length))];
        if (Objection(query) is { } code)
        {
            return (Reply.Write(query, code, limited), AnswerStage.Refusal);
        }

        var now = names();
        if (now.Sandbox(sandbox) is not { } asker)
        {
            return (Reply.Write(query, ResponseCode.Refused, limited), AnswerStage.Refusal); // it has left its last network
        }

        var verdict = now.Resolve(asker, query.Name, query.Type);
        if (verdict.Kind != NameVerdictKind.Unknown)
        {
            return (LocalAnswer.Write(query, verdict, limited, verdict.Targets is { Count: > 1 } ? Interlocked.Increment(ref _turn) : 0), AnswerStage.Names);
        }

        if (upstreams(asker) is not { } group)
        {
            return (Reply.Write(query, ResponseCode.NameError, limited), AnswerStage.Internal);
        }

        if (forwarder.TryAnswer(group, query, limited) is var known and > 0)
        {
            return (known, AnswerStage.Cache);
        }

        upstream = group;
        return (0, AnswerStage.Upstream);
    }

    // What is not asked here.
    private static ResponseCode? Objection(in DnsQuery query) =>
        query.Edns is { Version: > 0 } ? ResponseCode.BadVersion
        : query.Type is RecordType.None or RecordType.Opt ? ResponseCode.FormatError
        : query.Class != DnsQuery.Internet || query.Type is RecordType.Axfr or RecordType.Ixfr ? ResponseCode.Refused
        : null;

    private void Show(SandboxId sandbox, ReadOnlySpan<byte> message, bool isStream, AnswerStage stage, ResponseCode? code, TimeSpan took)
    {
        var isQuestion = DnsQuery.TryRead(message, out var query) == DnsFault.None;
        Log.Add(sandbox, new QueryLogEntry(
            time.GetUtcNow(), isQuestion ? NameText.Of(query.Name) : string.Empty, isQuestion ? query.Type : RecordType.None, isStream, stage, code, took));
    }

    private static int LimitOf(ReadOnlySpan<byte> message, bool isStream, int most)
    {
        _ = DnsQuery.TryRead(message, out var query); // it was read before
        return isStream ? most : Math.Min(query.PayloadMax, most);
    }

    private static ResponseCode CodeOf(ReadOnlySpan<byte> reply) => DnsHeader.TryRead(reply, out var header) ? header.Code : ResponseCode.ServerFailure;
}

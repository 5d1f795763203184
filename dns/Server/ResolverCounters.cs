using System.Collections.Immutable;

namespace Networking.Dns;

/// <summary>What the resolvers of all sandboxes have done so far.</summary>
public sealed class ResolverCounters
{
    private const int Codes = 16;
    private static readonly int Stages = Enum.GetValues<AnswerStage>().Length;

    /// <summary>Upper ends of the classes of <see cref="Latencies"/>, in seconds; the last class has none.</summary>
    public static ImmutableArray<double> LatencyBounds { get; } = [0.001, 0.005, 0.02, 0.1, 0.5, 2];

    private readonly long[] _answers = new long[Stages * Codes];
    private readonly long[] _latencies = new long[LatencyBounds.Length + 1];
    private long _silences;
    private long _latencyMicroseconds;

    /// <summary>Bytes that were answered with silence: no question at all.</summary>
    public long Silences => Volatile.Read(ref _silences);

    /// <summary>How many answers took how long, of those for which others were asked.</summary>
    public ImmutableArray<long> Latencies => [.. _latencies.Select(static (_, i) => i).Select(i => Volatile.Read(ref _latencies[i]))];

    /// <summary>How long all of these took together.</summary>
    public TimeSpan LatencySum => TimeSpan.FromMicroseconds(Volatile.Read(ref _latencyMicroseconds));

    /// <summary>How many answers a stage gave with a result.</summary>
    public long Answers(AnswerStage stage, ResponseCode code) => Volatile.Read(ref _answers[IndexOf(stage, code)]);

    internal void Count(AnswerStage stage, ResponseCode code) => _ = Interlocked.Increment(ref _answers[IndexOf(stage, code)]);

    internal void CountSilence() => _ = Interlocked.Increment(ref _silences);

    internal void CountLatency(TimeSpan latency)
    {
        var index = 0;
        while (index < LatencyBounds.Length && latency.TotalSeconds > LatencyBounds[index])
        {
            index++;
        }

        _ = Interlocked.Increment(ref _latencies[index]);
        _ = Interlocked.Add(ref _latencyMicroseconds, (long)latency.TotalMicroseconds);
    }

    private static int IndexOf(AnswerStage stage, ResponseCode code) => ((int)stage * Codes) + ((int)code & (Codes - 1));
}

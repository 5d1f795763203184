using System.Collections.Concurrent;
using System.Diagnostics;

namespace Networking.Bench;

/// <summary>Processes of one kind on the hosts of a field; what they notice is timed here, when it is read from them.</summary>
internal abstract class GossipNodes(Stage stage, GossipField hosts) : IDisposable
{
    // A user event of serf may reach its last node with a comparison of state only, each 30 s.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly ConcurrentDictionary<(int Node, string What), long> _noticed = new();
    private readonly Process?[] _processes = new Process?[hosts.Count + 1];

    protected Stage Stage => stage;

    protected GossipField Field => hosts;

    /// <summary>Numbers of the hosts whose process runs.</summary>
    public IEnumerable<int> Running => Enumerable.Range(1, hosts.Count).Where(i => _processes[i] is not null);

    /// <summary>Starts one after the other, and waits until all know all.</summary>
    public void Start()
    {
        for (var i = 1; i <= hosts.Count; i++)
        {
            _processes[i] = Begin(i);
            Wait.Pause(TimeSpan.FromMilliseconds(200), stage.Stop);
        }

        Wait.Until(() => Enumerable.Range(1, hosts.Count).All(i => KnownBy(i) == hosts.Count), TimeSpan.FromSeconds(600), "every node knows every other", stage.Stop);
    }

    /// <summary>Seconds from a change at a node until every node noticed it.</summary>
    public double Change(int node, string what)
    {
        var start = Stopwatch.GetTimestamp();
        Tell(node, what);
        return Until(start, what);
    }

    /// <summary>Seconds from a sudden death until every other noticed it.</summary>
    public double Death(int node)
    {
        var start = Stopwatch.GetTimestamp();
        _processes[node]!.Kill(entireProcessTree: true); // it runs
        _processes[node]!.Dispose();
        _processes[node] = null;
        return Until(start, "failed " + NameOf(node));
    }

    /// <summary>Nodes that were believed dead, by somebody, although they run.</summary>
    public int FalseDeaths() => Running.Count(n => _noticed.Keys.Any(k => k.What == "failed " + NameOf(n)));

    /// <summary>Bytes sent, and milliseconds of processor, a node and second.</summary>
    public (double[] Bytes, double[] Milliseconds) Rest(TimeSpan time)
    {
        var running = Running.ToArray();
        var (bytes, cpu, start) = (running.Select(hosts.SentBytes).ToArray(), running.Select(Cpu).ToArray(), Stopwatch.GetTimestamp());
        Wait.Pause(time, stage.Stop);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (
            [.. running.Select((n, i) => (hosts.SentBytes(n) - bytes[i]) / seconds)],
            [.. running.Select((n, i) => (Cpu(n) - cpu[i]) / seconds)]);
    }

    public double Megabytes() => Running.Average(n => Resident.Megabytes(_processes[n]!.Id)); // it runs

    public virtual void Dispose()
    {
        foreach (var process in _processes.OfType<Process>())
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }

    protected abstract Process Begin(int node);

    /// <summary>How many members a node believes alive, itself among them.</summary>
    protected abstract int KnownBy(int node);

    protected abstract void Tell(int node, string what);

    /// <summary>How others name a node.</summary>
    protected abstract string NameOf(int node);

    protected void Notice(int node, string what) => _ = _noticed.TryAdd((node, what), Stopwatch.GetTimestamp());

    // What somebody never notices counts as long as it was waited for, and is said.
    private double Until(long start, string what)
    {
        if (!Wait.Holds(() => Running.All(n => _noticed.ContainsKey((n, what))), s_patience, stage.Stop))
        {
            stage.Report.Note($"bench: {what} is not noticed by nodes {string.Join(' ', Running.Where(n => !_noticed.ContainsKey((n, what))))} within {s_patience.TotalSeconds:0} s");
            return s_patience.TotalSeconds;
        }

        return Stopwatch.GetElapsedTime(start, Running.Max(n => _noticed[(n, what)])).TotalSeconds;
    }

    // Of the process, with its threads that have ended.
    private double Cpu(int node)
    {
        var process = _processes[node]!; // it runs
        process.Refresh();
        return process.TotalProcessorTime.TotalMilliseconds;
    }
}

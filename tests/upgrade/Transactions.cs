using System.Diagnostics;
using System.Globalization;
using Networking.Daemon.Tests.Staging;

namespace Networking.Upgrade.Tests;

/// <summary>What <c>nft monitor</c> sees of a namespace: every transaction of nf_tables, with its lines.</summary>
internal sealed class Transactions : IDisposable
{
    private const string End = "# new generation ";
    private readonly Process _monitor;
    private readonly List<string[]> _done = []; // guarded by itself
    private readonly List<string> _lines = [];

    private Transactions(Place place)
    {
        // Into a pipe it would keep its words until they fill a page.
        _monitor = place.Start("stdbuf", "-oL", "nft", "monitor");
        _monitor.OutputDataReceived += (_, line) => Take(line.Data);
        _monitor.BeginOutputReadLine();
    }

    /// <summary>Every transaction so far.</summary>
    public IReadOnlyList<string[]> All
    {
        get
        {
            lock (_done)
            {
                return [.. _done];
            }
        }
    }

    /// <summary>Those in which something was made: a table, set, chain, rule or element.</summary>
    public IReadOnlyList<string[]> Making => [.. All.Where(static t => t.Any(static l => l.StartsWith("add ", StringComparison.Ordinal) || l.StartsWith("create ", StringComparison.Ordinal)))];

    /// <summary>Starts to listen, and returns when it hears.</summary>
    public static async Task<Transactions> OfAsync(Place place)
    {
        var transactions = new Transactions(place);
        for (var i = 0; transactions.All.Count == 0; i++)
        {
            Assert.True(i < 200, "nft monitor hears nothing");
            _ = (await place.RunAsync("nft", string.Create(CultureInfo.InvariantCulture, $"add table inet heard{i}; delete table inet heard{i}"))).Succeeded();
            await Task.Delay(25, Eventually.Cancel);
        }

        await Task.Delay(100, Eventually.Cancel); // its own
        lock (transactions._done)
        {
            transactions._done.Clear();
        }

        return transactions;
    }

    public override string ToString() => string.Join("\n--\n", All.Select(static t => string.Join('\n', t)));

    public void Dispose()
    {
        if (!_monitor.HasExited)
        {
            _monitor.Kill(entireProcessTree: true);
            _monitor.WaitForExit();
        }

        _monitor.Dispose();
    }

    private void Take(string? line)
    {
        lock (_done)
        {
            if (line is null)
            {
                return;
            }

            if (line.StartsWith(End, StringComparison.Ordinal))
            {
                _done.Add([.. _lines, line]);
                _lines.Clear();
            }
            else
            {
                _lines.Add(line);
            }
        }
    }
}

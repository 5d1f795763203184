using System.Diagnostics;
using System.Globalization;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests;

/// <summary>Who reaches what: every cell of docs/access-matrix.md is a packet sent, on clean and on dirty hosts.</summary>
/// <remarks>
/// <code>
///   lan ──┐          ┌── a network of each kind, with containers
///         ├── host ──┤
///   world ┘          └── …
/// </code>
/// </remarks>
public sealed class AccessMatrixTests
{
    private const int ToldMax = 20;
    private const int ControlRounds = 5;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_morePatience = TimeSpan.FromSeconds(6);

    public static TheoryData<string> Hosts => [HostKind.Clean.Name, .. HostKind.Dirty.Select(static k => k.Name)];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Who_reaches_what_is_as_the_page_says(string host)
    {
        var kind = HostKind.Dirty.Prepend(HostKind.Clean).Single(k => k.Name == host);
        var clock = Stopwatch.StartNew();
        await using var stage = await MatrixStage.OpenAsync(kind);
        var set = clock.Elapsed;
        var tables = new MatrixTables(stage);
        var (texts, count) = await ProbeAsync(tables, tables.All, s_patience);
        if (AccessPage.IsUpdate && kind == HostKind.Clean)
        {
            AccessPage.Write(texts);
        }

        var page = AccessPage.Read();
        Assert.Equal(page.Keys.Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
        var differing = tables.All.Where(t => page[t.Name] != texts[t.Name]).ToArray();
        if (differing.Length > 0)
        {
            // A busy machine may answer late. What is closed does not open by waiting.
            TestContext.Current.TestOutputHelper?.WriteLine($"probed again: {string.Join("; ", differing.Select(static t => t.Name))}");
            (texts, _) = await ProbeAsync(tables, differing, s_morePatience);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{count} probes; stage {set.TotalSeconds:F1} s, probes {(clock.Elapsed - set).TotalSeconds:F1} s"));
        Assert.Equal(
            string.Join('\n', differing.Select(t => $"{t.Name}\n{page[t.Name]}")),
            string.Join('\n', differing.Select(t => $"{t.Name}\n{texts[t.Name]}")));
        await stage.Stage.AssertNothingDiffersAsync();
        if (kind.IsAdvertised)
        {
            Assert.Equal("uplink", await stage.Stage.Host.DefaultDeviceAsync(6));
        }
    }

    private static async Task<(IReadOnlyDictionary<string, string> Texts, int Count)> ProbeAsync(
        MatrixTables tables, IReadOnlyList<AccessTable> wanted, TimeSpan patience)
    {
        var controls = tables.Controls.ToArray();
        var cells = wanted.ToDictionary(static t => t, static t => t.Cells());
        var probed = cells.SelectMany(static t => t.Value.Select(c => (Table: t.Key, Cell: c))).ToArray();

        // Before and after: what is blocked in between was sent by somebody who could, to somebody who listened.
        await ControlAsync(tables, controls, "before");
        var results = await Prober.RunAsync([.. probed.Select(static p => p.Cell.Probe)], patience);
        await ControlAsync(tables, controls, "after");
        foreach (var ((table, cell), seen) in probed.Zip(results))
        {
            cell.Word = table.WordFor(cell.Row, seen);
        }

        return (cells.ToDictionary(static t => t.Key.Name, static t => t.Key.Render(t.Value), StringComparer.Ordinal), probed.Length + (2 * controls.Length));
    }

    private static async Task ControlAsync(MatrixTables tables, Probe[] controls, string when)
    {
        // On a busy machine the kernel takes seconds to let a link that came up be used, IPv6 above all.
        var silent = controls;
        for (var round = 0; round < ControlRounds && silent.Length > 0; round++)
        {
            var answers = await Prober.RunAsync(silent, s_morePatience);
            silent = [.. silent.Zip(answers).Where(static c => c.Second is null).Select(static c => c.First)];
        }

        if (silent.Length > 0)
        {
            Assert.Fail(
                $"{silent.Length} of {controls.Length} controls were not answered {when} the probes, so nothing can be said of the rest:\n"
                + $"{string.Join('\n', silent.Take(ToldMax).Select(static p => p.ToString()))}\n{await tables.SightAsync()}");
        }
    }
}

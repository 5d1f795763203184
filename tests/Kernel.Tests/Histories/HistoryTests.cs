using System.Globalization;

namespace Networking.Kernel.Tests.Histories;

/// <summary>Every order and every single failure ends in what was asked.</summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. Chronicle.All.Select(static h => h.Name)];

    public static TheoryData<string> ExpandedNames => [.. Chronicle.All.SelectMany(static h => h.Expand()).Select(static h => h.Name)];

    [Theory]
    [MemberData(nameof(ExpandedNames))]
    public async Task Every_order_converges(string name)
    {
        var result = await HistoryRun.PlayAsync(Chronicle.Named(name), new Fault.Nothing());
        Assert.True(result.Violations.IsEmpty, string.Join("\n\n", result.Violations));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_single_failure_converges(string name)
    {
        var runs = 0;
        foreach (var history in (History[])[Chronicle.Named(name), Chronicle.Named($"{name}, squashed")])
        {
            var (more, violations) = await HistoryRun.PlayWithEveryFaultAsync(history);
            runs += more;
            Assert.True(violations.IsEmpty, string.Join("\n\n", violations));
        }

        output.WriteLine($"{runs} runs");
    }

    [Fact]
    public async Task Every_failure_point_is_listed()
    {
        var total = 0;
        var kinds = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var history in Chronicle.All)
        {
            var result = await HistoryRun.PlayAsync(history, new Fault.Nothing());
            total += result.Points.Length;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"== {history.Name}: {result.Points.Length} points"));
            foreach (var point in result.Points)
            {
                output.WriteLine(point.ToString());
                _ = kinds.Add(point.What);
            }
        }

        output.WriteLine($"{total} points on {kinds.Count} different operations in {Chronicle.All.Length} histories");
        Assert.True(total > 1000);
    }
}

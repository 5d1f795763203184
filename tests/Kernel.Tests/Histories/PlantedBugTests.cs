using System.Collections.Immutable;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Histories;

/// <summary>A checker that finds no bug that was put there would be worth nothing.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private static readonly Intent s_one = Intent.Empty
        .With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    // Besides the histories of the suite: a device of somebody else beside ours, and a restart over what was forgotten.
    private static readonly ImmutableArray<History> s_histories =
    [
        .. Chronicle.All,
        new("a stranger's device stands beside ours",
        [
            new("one", s_one) { Stranger = static k => k.ForeignCreate(new LinkState { Namespace = NetNs.Host, Name = "uplink", Details = new DummyLink() }) },
            new("nothing", Intent.Empty),
        ])
        {
            IsExpandable = false,
        },
    ];

    public static TheoryData<PlantedBug> Bugs => [.. Enum.GetValues<PlantedBug>()];

    [Theory]
    [MemberData(nameof(Bugs))]
    public async Task A_planted_bug_is_found(PlantedBug bug)
    {
        var runs = 0;
        foreach (var history in s_histories)
        {
            foreach (var fault in FaultsFor(bug))
            {
                runs++;
                var result = await HistoryRun.PlayAsync(history, fault, k => new BuggyKernel(bug, k));
                if (result.Violations.Length > 0)
                {
                    output.WriteLine($"{bug}: found in run {runs}\n{result.Violations[0].Split('\n')[0]}");
                    return;
                }
            }
        }

        Assert.Fail($"{bug}: not found in {runs} runs");
    }

    [Fact]
    public async Task Without_a_bug_nothing_is_found()
    {
        foreach (var history in s_histories)
        {
            Assert.Empty((await HistoryRun.PlayAsync(history, new Fault.Nothing())).Violations);
        }
    }

    // A bug in what happens after a failure shows only when something fails.
    private static IEnumerable<Fault> FaultsFor(PlantedBug bug) => bug switch
    {
        PlantedBug.RefusalTakenForDone => Enumerable.Range(1, 30).Select(static n => new Fault.Operation(n, FaultKind.Transient)),
        PlantedBug.UnreadableTakenForEmpty => [new Fault.Unreadable(NetNs.Host)],
        PlantedBug.OrphanNotDeleted => Enumerable.Range(1, 40).Select(static n => new Fault.Struck(n * 3, FailureMode.Crash)),
        _ => [new Fault.Nothing()],
    };
}

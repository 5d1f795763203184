namespace Networking.Simulation.Tests.Ring;

/// <summary>Addresses that were given again while their first holder was away, and still had them when it came back.</summary>
public sealed class RingDuplicateTests
{
    private const int Fast = 20;
    private const int Usual = 40;
    private const int Long = 2_000;

    /// <summary>Somebody yields in nearly every history; where it does not, all machines came back in time.</summary>
    [Fact]
    public void Every_duplicate_is_named_and_settled_and_nothing_else_is_given_up()
    {
        var seeds = SweepTests.Asked(Fast, Usual, Long);
        var outcomes = new RingOutcome[seeds.Length];
        _ = Parallel.For(0, seeds.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => outcomes[i] = RingScenario.Run(seeds[i], story: RingStory.Absences));
        var yields = outcomes.Sum(static o => o.Yields);
        TestContext.Current.AddWarning($"{seeds.Length} seeds: {outcomes.Sum(static o => o.Leases)} leases, {outcomes.Sum(static o => o.Takeovers)} ranges taken over, {yields} duplicates settled in {outcomes.Count(static o => o.Yields > 0)} histories, slowest healing {outcomes.Max(static o => o.Healing).TotalSeconds:F0} s");
        var failed = seeds.Zip(outcomes).Where(static s => s.Second.Failure is not null).Select(static s => $"{s.First}: {s.Second.Failure}").ToList();
        Assert.True(failed.Count == 0, $"{failed.Count} of {seeds.Length} seeds fail\n{string.Join('\n', failed.Select(static f => f.Split('\n')[0]).Take(20))}\n{failed.FirstOrDefault()}");
        Assert.True(seeds.Length == 1 || yields >= seeds.Length, $"{yields} duplicates in {seeds.Length} histories: hardly any was made");
    }
}

namespace Networking.Simulation.Tests.Ring;

/// <summary>Many seeds of the ring; see <see cref="SweepTests"/> for how to ask for others.</summary>
public sealed class RingSweepTests
{
    private const int Fast = 60;
    private const int Usual = 150;
    private const int Long = 10_000;

    [Fact]
    public void Every_seed_leases_no_address_twice_and_loses_none()
    {
        var seeds = SweepTests.Asked(Fast, Usual, Long);
        var outcomes = new RingOutcome[seeds.Length];
        _ = Parallel.For(0, seeds.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => outcomes[i] = RingScenario.Run(seeds[i]));
        var failed = seeds.Where((_, i) => outcomes[i].Failure is not null).ToList();
        TestContext.Current.AddWarning($"{seeds.Length} seeds: {outcomes.Sum(static o => o.Leases)} leases, {outcomes.Sum(static o => o.Takeovers)} ranges taken over, {outcomes.Sum(static o => o.Yields)} duplicates settled, {outcomes.Sum(static o => o.Bytes) / 1_000_000} MB of frames, slowest healing {outcomes.Max(static o => o.Healing).TotalSeconds:F0} s of {RingScenario.HealingMax.TotalSeconds:F0}");
        var reasons = seeds.Zip(outcomes).Where(static s => s.Second.Failure is not null).Select(static s => $"{s.First}: {s.Second.Failure!.Split('\n')[0]}").Take(20); // filtered
        Assert.True(failed.Count == 0, $"{failed.Count} of {seeds.Length} seeds fail\n{string.Join('\n', reasons)}\n{outcomes.FirstOrDefault(static o => o.Failure is not null)?.Failure}");
    }

    /// <summary>Two machines ran with one id. The one that stopped had written over rows of the other, which did not write them again.</summary>
    [Theory]
    [InlineData(156)]
    [InlineData(282)]
    public void A_row_that_another_machine_with_its_id_replaced_is_written_again(int seed) => Assert.Null(RingScenario.Run(seed).Failure);

    /// <summary>Its record had no room for a range of one, and an address in use had no owner for ever.</summary>
    [Fact]
    public void Seed_928_a_full_record_gives_back_what_is_in_use() => Assert.Null(RingScenario.Run(928).Failure);

    /// <summary>After an old disk it took up an address in use and gave it again a few seconds later, while a copy of it used it.</summary>
    [Fact]
    public void Seed_2767_what_an_old_disk_has_in_use_is_not_given_again_at_once() => Assert.Null(RingScenario.Run(2767).Failure);

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    public void A_seed_run_twice_is_the_same_run(int seed)
    {
        Assert.Equal(RingScenario.Run(seed).Hash, RingScenario.Run(seed).Hash);
        Assert.NotEqual(RingScenario.Run(seed).Hash, RingScenario.Run(seed + 1).Hash);
    }
}

using System.Globalization;

namespace Networking.Simulation.Tests;

/// <summary>
/// Many seeds. SIM_SEED=7 runs one alone, SIM_SEED=1-500 some; NETD_TEST_FAST=1 fewer, NETD_TEST_LONG=1 ten thousand.
/// </summary>
public sealed class SweepTests
{
    private const int Fast = 60;
    private const int Usual = 200;
    private const int Long = 10_000;

    [Fact]
    public void Every_seed_keeps_every_promise_and_heals()
    {
        var seeds = Asked(Fast, Usual, Long);
        var outcomes = new Outcome[seeds.Length];
        _ = Parallel.For(0, seeds.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => outcomes[i] = Scenario.Run(seeds[i]));
        var failed = seeds.Where((_, i) => outcomes[i].Failure is not null).ToList();
        TestContext.Current.AddWarning($"{seeds.Length} seeds, slowest healing {outcomes.Max(static o => o.Healing).TotalSeconds:F0} s of {Scenario.HealingMax.TotalSeconds:F0}, {outcomes.Sum(static o => o.Excused)} older values shown after a disk was put back (seeds {string.Join(' ', seeds.Where((_, i) => outcomes[i].Excused > 0).Take(20))})");
        Assert.True(failed.Count == 0, $"{failed.Count} of {seeds.Length} seeds fail: {string.Join(' ', failed.Take(20))}\n{outcomes.FirstOrDefault(static o => o.Failure is not null)?.Failure}");
    }

    /// <summary>Its disk was put back, it began the generation of an earlier start anew, and wrote another row of the same version.</summary>
    [Fact]
    public void Seed_111_an_old_disk_repeats_no_version() => Assert.Null(Scenario.Run(111).Failure);

    /// <summary>A node detached, attached again and was restarted: what it had written before the first came back for a moment.</summary>
    [Fact]
    public void Seed_119_a_restart_does_not_forget_what_a_detaching_made_void() => Assert.Null(Scenario.Run(119).Failure);

    /// <summary>Its disk was put back, and a version of an earlier start was above what it wrote before it had heard of it.</summary>
    [Fact]
    public void Seed_259_a_restarted_node_listens_before_it_speaks() => Assert.Null(Scenario.Run(259).Failure);

    /// <summary>Its disk was put back, and nobody whom it asked knew what it wrote since: that is named, and nothing more is excused.</summary>
    [Fact]
    public void Seed_4189_an_old_disk_that_nobody_knows_of_is_named()
    {
        var outcome = Scenario.Run(4189);
        Assert.Null(outcome.Failure);
        Assert.True(outcome.Excused > 0, "the history does not reach what it is here for");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(42)]
    public void A_seed_run_twice_is_the_same_run(int seed)
    {
        Assert.Equal(Scenario.Run(seed).Hash, Scenario.Run(seed).Hash);
        Assert.NotEqual(Scenario.Run(seed).Hash, Scenario.Run(seed + 1).Hash);
    }

    internal static int[] Asked(int fast, int usual, int most)
    {
        if (Environment.GetEnvironmentVariable("SIM_SEED") is not { Length: > 0 } text)
        {
            return [.. Enumerable.Range(1, Is("NETD_TEST_LONG") ? most : Is("NETD_TEST_FAST") ? fast : usual)];
        }

        var ends = text.Split('-').Select(static part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture)).ToArray();
        return [.. Enumerable.Range(ends[0], ends[^1] - ends[0] + 1)];
    }

    private static bool Is(string name) => Environment.GetEnvironmentVariable(name) == "1";
}

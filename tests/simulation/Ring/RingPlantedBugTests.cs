using Networking.Ipam.Ring;

namespace Networking.Simulation.Tests.Ring;

/// <summary>Each mistake that can be planted is found, and soon: a checker that finds nothing is worth nothing.</summary>
public sealed class RingPlantedBugTests
{
    [Theory]
    [InlineData("TermIgnored", 5)]
    [InlineData("ClockSetBackTrusted", 5)]
    [InlineData("ReclaimTooEarly", 5)]
    [InlineData("LeapCountsAsWaiting", 10)]
    [InlineData("WithheldGivenAtOnce", 10)]
    [InlineData("DonationCountedTwice", 5)]
    [InlineData("DoubtSettledByRead", 40)]
    [InlineData("GenerationIgnored", 5)]
    [InlineData("OldDiskAccepted", 5)]
    [InlineData("ReleaseLost", 5)]
    [InlineData("ClaimAnsweredByNonOwner", 10)]
    [InlineData("MergePrefersOlder", 5)]
    [InlineData("HandOverForgets", 10)]
    [InlineData("ReplacedRowLeft", 1, 156)]
    [InlineData("DuplicateKept", 5, 1, "Absences")]
    [InlineData("YieldsUnasked", 5, 1, "Absences")]
    [InlineData("TermFromAnswer", 5, 1, "Absences")]
    public void A_planted_mistake_is_found_within_so_many_seeds(string bug, int seedsMax, int first = 1, string story = "Mixed")
    {
        var planted = Enum.Parse<RingBug>(bug);
        var failure = (Seed: 0, What: (string?)null);
        for (var seed = first; seed < first + seedsMax && failure.What is null; seed++)
        {
            failure = (seed, RingScenario.Run(seed, planted, Enum.Parse<RingStory>(story)).Failure);
        }

        Assert.True(failure.What is not null, $"{bug} passes {seedsMax} seeds");
        TestContext.Current.AddWarning($"{bug}: found by seed {failure.Seed}: {failure.What!.Split('\n')[0]}"); // asserted above
    }

    [Fact]
    public void Every_mistake_has_its_line_here()
    {
        var lines = typeof(RingPlantedBugTests).GetMethod(nameof(A_planted_mistake_is_found_within_so_many_seeds))!.GetCustomAttributesData(); // the method above
        var named = lines.Where(static a => a.AttributeType == typeof(InlineDataAttribute))
            .Select(static a => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[0].Value!); // as written above
        Assert.Equal(Enum.GetNames<RingBug>().Where(static n => n != "None").Order(), named.Order());
    }
}

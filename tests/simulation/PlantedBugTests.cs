using Networking.Gossip;

namespace Networking.Simulation.Tests;

/// <summary>Each mistake that can be planted is found, and soon: a checker that finds nothing is worth nothing.</summary>
public sealed class PlantedBugTests
{
    [Theory]
    [InlineData("NoRefutation", 10)]
    [InlineData("RefutationWithoutIncarnation", 10)]
    [InlineData("OldIncarnationBelieved", 10)]
    [InlineData("IncarnationForgotten", 10)]
    [InlineData("LostTombstone", 10)]
    [InlineData("VersionReused", 10)]
    [InlineData("DigestIgnoresTable", 20)]
    [InlineData("KeyAcceptedAfterRemoval", 10)]
    [InlineData("FailedRowsShown", 10)]
    [InlineData("LeftRowsKept", 20)]
    [InlineData("NoReconnect", 20)]
    [InlineData("ReplaysAccepted", 10)]
    [InlineData("QueueNeverRetires", 5)]
    [InlineData("StaleRowApplied", 20)]
    public void A_planted_mistake_is_found_within_so_many_seeds(string bug, int seedsMax)
    {
        var planted = Enum.Parse<PlantedBug>(bug);
        var found = Enumerable.Range(1, seedsMax).FirstOrDefault(seed => Scenario.Run(seed, planted).Failure is not null);
        Assert.True(found != 0, $"{bug} passes {seedsMax} seeds");
        TestContext.Current.AddWarning($"{bug}: found by seed {found}");
    }

    [Fact]
    public void Every_mistake_has_its_line_here()
    {
        var lines = typeof(PlantedBugTests).GetMethod(nameof(A_planted_mistake_is_found_within_so_many_seeds))!.GetCustomAttributesData(); // the method above
        var named = lines.Where(static a => a.AttributeType == typeof(InlineDataAttribute))
            .Select(static a => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[0].Value!); // as written above
        Assert.Equal(Enum.GetNames<PlantedBug>().Except(["None", nameof(PlantedBug.SpeaksBeforeListening)]).Order(), named.Order()); // ListeningTests finds that one
    }
}

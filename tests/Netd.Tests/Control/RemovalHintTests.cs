using Networking.Netd.Control;
using Networking.Netd.Tests.Ipam;

namespace Networking.Netd.Tests.Control;

/// <summary>What is told of a network or sandbox that cannot be removed: every command that would make it possible.</summary>
public sealed class RemovalHintTests
{
    private readonly Node _node = new();

    [Fact]
    public void A_network_names_the_commands_for_its_endpoints_and_how_many_are_left()
    {
        _ = _node.Network("a");
        foreach (var i in Enumerable.Range(0, 2))
        {
            _ = _node.Address("a", $"s{i}");
        }

        Assert.Equal("netctl disconnect a /run/netns/s0; netctl disconnect a /run/netns/s1; or netctl rm --force a", HintOf(new RemoveNetwork("a", IsForced: false)));
        foreach (var i in Enumerable.Range(2, 6))
        {
            _ = _node.Address("a", $"s{i}");
        }

        Assert.EndsWith("; netctl disconnect a /run/netns/s4; and 3 more; or netctl rm --force a", HintOf(new RemoveNetwork("a", IsForced: false)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sandbox_names_the_commands_for_its_networks()
    {
        _ = _node.Network("a");
        _ = _node.Network("b");
        _ = _node.Address("a", "s");
        _ = _node.Address("b", "s");
        Assert.Equal(
            "netctl disconnect a /run/netns/s; netctl disconnect b /run/netns/s; or netctl sandbox rm --force /run/netns/s",
            HintOf(new RemoveSandbox("/run/netns/s", IsForced: false, _node.Now)));
    }

    private string? HintOf<T>(IIntentCommand<T> command) => Assert.Single(command.Decide(_node.State).Refusal!.Problems).Hint;
}

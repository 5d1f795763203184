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

    [Fact]
    public void An_endpoint_that_is_called_like_another_sandbox_is_told_apart_from_its_own()
    {
        _ = _node.Network("app");
        _ = _node.Address("app", "web");
        var db = _node.Connect("app", "db", name: "/run/netns/web").Endpoint!; // granted
        var hint = HintOf(new RemoveSandbox("/run/netns/web", IsForced: false, _node.Now));
        Assert.Equal("netctl disconnect app web; or netctl sandbox rm --force /run/netns/web", hint);

        var refusal = new Disconnect("app", "/run/netns/web", null, _node.Now).Decide(_node.State).Refusal!;
        Assert.Equal((409, "endpoint.ambiguous"), (refusal.HttpStatus, refusal.Problems[0].Code));
        Assert.Contains(db.Id.Short, refusal.Problems[0].Hint, StringComparison.Ordinal);
        Assert.Equal(db.Id, new Disconnect("app", db.Id.Short, null, _node.Now).Decide(_node.State).Result?.Id);
    }

    [Fact]
    public void A_name_of_two_endpoints_is_told_with_both_and_a_short_prefix_of_an_id_names_one()
    {
        _ = _node.Network("app");
        _ = _node.Network("other");
        var (first, second) = (_node.Connect("app", "x", name: "web").Endpoint!, _node.Connect("other", "x", name: "web").Endpoint!); // granted
        Assert.Null(Lookup.Endpoint(_node.State, "web", out var refusal));
        Assert.Equal(409, refusal!.HttpStatus);
        Assert.Contains($"{first.Id.Short} (on network app)", refusal.Problems[0].Hint, StringComparison.Ordinal);
        Assert.Contains($"{second.Id.Short} (on network other)", refusal.Problems[0].Hint, StringComparison.Ordinal);
        Assert.Equal(second, Lookup.Endpoint(_node.State, second.Id.Short, out _));
        Assert.Null(Lookup.Endpoint(_node.State, "nothing", out refusal));
        Assert.Equal(404, refusal!.HttpStatus);
    }

    private string? HintOf<T>(IIntentCommand<T> command) => Assert.Single(command.Decide(_node.State).Refusal!.Problems).Hint;
}

using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>A firewall in use gets another layout, as by another version: what goes into its new sets comes with them.</summary>
public sealed class LayoutTests
{
    private static readonly ScopeId s_network = new("network/n1");
    private static readonly ScopeId s_endpoint = new("endpoint/e1");

    [Fact]
    public async Task New_sets_chains_and_elements_of_every_scope_are_one_transaction()
    {
        await using var world = new World();
        await LayOutAsync(world, "old");
        await world.ConvergeAsync();
        var before = world.Kernel.BatchLog.Length;

        await LayOutAsync(world, "new");
        await world.ConvergeAsync();

        var making = world.Kernel.BatchLog.Skip(before).Where(static b => b.Operations.Any(static o => o.Verb == OperationVerb.Create)).ToArray();
        var made = Assert.Single(making).Operations.Where(static o => o.Verb == OperationVerb.Create).Select(static o => o.Key.Kind).ToArray();
        Assert.Equal(1, made.Count(static k => k == ObjectKind.FirewallSet));
        Assert.Equal(2, made.Count(static k => k == ObjectKind.FirewallElement));
        Assert.Empty(world.Kernel.Refusals);
        Assert.Equal(State("new", s_network).Keys.Concat(State("new", s_endpoint).Keys).Order(), Elements(world));
    }

    [Theory]
    [InlineData(FaultKind.Transient)]
    [InlineData(FaultKind.AckLost)]
    public async Task A_refused_transaction_goes_again_until_everything_stands(FaultKind fault)
    {
        await using var world = new World();
        await LayOutAsync(world, "old");
        await world.ConvergeAsync();
        world.Kernel.Faults.StrikeOperation(world.Kernel.Operations + 3, fault);

        await LayOutAsync(world, "new");
        await world.ConvergeAsync();

        Assert.Equal(State("new", s_network).Keys.Concat(State("new", s_endpoint).Keys).Order(), Elements(world));
    }

    private static IEnumerable<ObjectKey> Elements(World world) =>
        world.Kernel.PeekAll().Keys.Where(static k => k.Kind == ObjectKind.FirewallElement).Order();

    private static Task LayOutAsync(World world, string set) => world.SetAsync(
        new ScopeChange(ScopeId.Node, world.Revision + 1, Node(set), []),
        new ScopeChange(s_network, world.Revision + 1, State(set, s_network), [ScopeId.Node]),
        new ScopeChange(s_endpoint, world.Revision + 1, State(set, s_endpoint), [s_network]));

    private static KernelState Node(string set) => KernelState.Of(
    [
        new FirewallTableState { Namespace = NetNs.Host, Name = Ownership.FirewallTable },
        new FirewallSetState { Namespace = NetNs.Host, Table = Ownership.FirewallTable, Name = set, KeyTypes = [FirewallType.InterfaceName] },
        new FirewallChainState
        {
            Namespace = NetNs.Host,
            Table = Ownership.FirewallTable,
            Name = "forward",
            Base = new BaseChain("filter", FirewallHook.Forward, 0),
            Rules = [FirewallRule.Create("ours", new MatchSet([FirewallField.InputInterface], set), new Verdict(FirewallVerdict.Accept))],
        },
    ]);

    private static KernelState State(string set, ScopeId owner) => KernelState.Of(new FirewallElementState
    {
        Namespace = NetNs.Host,
        Table = Ownership.FirewallTable,
        Set = set,
        KeyParts = [owner.Value[^2..]],
        KeyTypes = [FirewallType.InterfaceName],
        Comment = owner.Value,
    });
}

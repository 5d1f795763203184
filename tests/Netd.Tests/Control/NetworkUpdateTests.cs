using System.Collections.Immutable;
using System.Net;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;
using Networking.Netd.Tests.Ipam;

namespace Networking.Netd.Tests.Control;

/// <summary>Networks that are changed under their endpoints: options, families, undo, what is stored.</summary>
public sealed class NetworkUpdateTests
{
    private const string LongMtu = "com.docker.network.driver.mtu";
    private readonly Node _node = new();

    [Theory]
    [InlineData("mtu", LongMtu)]
    [InlineData(LongMtu, "mtu")]
    public void An_option_set_by_one_name_replaces_what_was_set_by_the_other(string first, string second)
    {
        _ = _node.Network("a");
        _ = _node.Updated("a", Set((first, "1400")));
        var updated = _node.Updated("a", Set((second, "1300"))).Network;
        Assert.Equal([KeyValuePair.Create(second, "1300")], updated.Spec.Options);

        // Taken away by either name.
        Assert.Empty(_node.Updated("a", new UpdateNetworkRequest { RemovedOptions = [first] }).Network.Spec.Options);
    }

    [Fact]
    public void An_option_by_both_of_its_names_at_once_is_refused()
    {
        _ = _node.Network("a");
        Assert.NotEmpty(_node.Update("a", Set(("mtu", "1400"), (LongMtu, "1400"))).Problems);
    }

    [Fact]
    public void All_mistakes_are_told_at_once_and_nothing_is_changed()
    {
        _ = _node.Network("a", "10.0.0.0/24");
        var before = _node.State;

        var problems = _node.Update("a", new UpdateNetworkRequest
        {
            Subnets = ["10.9.0.0/24"],
            Options = Set(("mtuu", "1400"), ("icc", "perhaps")).Options,
            RemovedOptions = ["masquerade"],
            RemovedLabels = ["team"],
        }).Problems;

        Assert.Superset(new HashSet<string> { "change.fixed", "option.unset", "label.unset", "option.unknown", "option.value" }, problems.Select(static p => p.Code).ToHashSet());
        Assert.Same(before, _node.State);
    }

    [Fact]
    public void Nothing_asked_and_more_than_an_undo_are_refused()
    {
        _ = _node.Network("a");
        Assert.Equal("change.nothing", Assert.Single(_node.Update("a", new UpdateNetworkRequest()).Problems).Code);
        Assert.Equal("change.undo", Assert.Single(_node.Update("a", new UpdateNetworkRequest { Undo = true, Ipv6 = true }).Problems).Code);
        Assert.Equal("change.none", Assert.Single(_node.Update("a", new UpdateNetworkRequest { Undo = true }).Problems).Code);
    }

    [Fact]
    public void An_undo_brings_back_what_was_and_the_next_one_what_was_undone()
    {
        var created = _node.Network("a", "10.0.0.0/24");
        var changed = _node.Updated("a", Set(("mtu", "1400"))).Network;
        var undone = _node.Updated("a", new UpdateNetworkRequest { Undo = true }).Network;
        Assert.Equal(created.Spec, undone.Spec);
        Assert.Equal(changed.Spec, undone.Previous);
        Assert.Equal(changed.Spec, _node.Updated("a", new UpdateNetworkRequest { Undo = true }).Network.Spec);
    }

    [Fact]
    public void What_changes_nothing_leaves_the_last_change_to_be_undone()
    {
        var created = _node.Network("a", "10.0.0.0/24");
        _ = _node.Updated("a", Set(("mtu", "1400")));
        _ = _node.Updated("a", Set(("mtu", "1400")));
        Assert.Equal(created.Spec, _node.Updated("a", new UpdateNetworkRequest { Undo = true }).Network.Spec);
    }

    [Fact]
    public async Task What_was_before_survives_a_restart()
    {
        var created = _node.Network("a", "10.0.0.0/24", "fd00::/64");
        _ = _node.Updated("a", Set(("mtu", "1400")));
        await _node.RestartAsync();
        Assert.Equal(created.Spec, _node.Updated("a", new UpdateNetworkRequest { Undo = true }).Network.Spec);
    }

    [Fact]
    public void A_family_more_gives_each_endpoint_an_address_and_one_less_takes_it_back()
    {
        _ = _node.Network("a", "10.0.0.0/24");
        var four = new[] { "x", "y", "z" }.Select(s => _node.Address("a", s)).ToArray();

        var added = _node.Updated("a", new UpdateNetworkRequest { Subnets = ["fd00:7::/64"], Gateways = ["fd00:7::9"] }).Network;

        Assert.Equal("fd00:7::9", added.Ipv6!.Gateway!.ToString());
        Assert.Equal(3, Endpoints.Select(static e => e.Ipv6!.ToString()).Distinct().Count());
        Assert.All(Endpoints, static e => Assert.StartsWith("fd00:7::", e.Ipv6!.ToString(), StringComparison.Ordinal));
        Assert.Equal(6, Entry.Leases.Count);
        Assert.Equal(1, _node.State.Forwarding6);

        var removed = _node.Updated("a", new UpdateNetworkRequest { Undo = true }).Network;

        Assert.Null(removed.Ipv6);
        Assert.Empty(removed.Spec.Subnets.Where(static s => s.Prefix.BaseAddress.ToString().Contains(':', StringComparison.Ordinal)));
        Assert.All(Endpoints, static e => Assert.Null(e.Ipv6));
        Assert.Equal(four.Order(StringComparer.Ordinal), Endpoints.Select(static e => e.Ipv4!.Address.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(3, Entry.Leases.Count);
        Assert.Empty(Entry.PoolsOf(isIpv6: true));
        Assert.Equal(0, _node.State.Forwarding6);
        _ = Assert.Single(_node.State.Subnets.Held);
        Assert.NotNull(_node.Network("b", "fd00:7::/64"));
    }

    [Fact]
    public void One_family_for_the_other_gives_the_first_subnet_back()
    {
        _ = _node.Network("a", "10.0.0.0/24");
        _ = _node.Address("a", "x");

        var changed = _node.Updated("a", new UpdateNetworkRequest { Ipv4 = false, Ipv6 = true }).Network;

        Assert.Null(changed.Ipv4);
        Assert.Equal(changed.Ipv6!.Prefix, Assert.Single(_node.State.Subnets.Held).Prefix);
        Assert.Equal((0, 1), (_node.State.Forwarding4, _node.State.Forwarding6));
        Assert.NotNull(_node.Network("b", "10.0.0.0/24"));
    }

    [Fact]
    public void An_endpoint_gets_the_address_back_that_it_was_connected_with_before_others_get_theirs()
    {
        _ = _node.Network("a", "10.0.0.0/24", "fd00:7::/64");
        _ = _node.Connect("a", "first");
        _ = _node.Connect("a", "asked", ip6: "fd00:7::3");
        _ = _node.Connect("a", "second");
        _ = _node.Updated("a", new UpdateNetworkRequest { Ipv6 = false });

        _ = _node.Updated("a", new UpdateNetworkRequest { Undo = true });

        Assert.Equal("fd00:7::3/64", Endpoints.Single(static e => e.Name == "asked").Ipv6!.ToString());
        Assert.Equal(3, Endpoints.Select(static e => e.Ipv6!.ToString()).Distinct().Count());
    }

    [Fact]
    public void A_subnet_too_small_for_the_endpoints_is_refused_and_nothing_is_claimed()
    {
        _ = _node.Network("a", "fd00:7::/64");
        foreach (var i in Enumerable.Range(0, 3))
        {
            Assert.Empty(_node.Connect("a", $"s{i}").Problems);
        }

        Assert.Empty(_node.Update("a", new UpdateNetworkRequest { Ipv4 = false }).Problems);
        var before = _node.State;

        var problem = Assert.Single(_node.Update("a", new UpdateNetworkRequest { Subnets = ["10.0.0.0/30"] }).Problems);

        Assert.Equal("address.exhausted", problem.Code);
        Assert.Same(before, _node.State);
    }

    [Fact]
    public void A_subnet_of_another_network_is_refused()
    {
        _ = _node.Network("a", "10.0.0.0/24");
        _ = _node.Network("b", "fd00:7::/64");
        Assert.Equal("subnet.overlap", Assert.Single(_node.Update("a", new UpdateNetworkRequest { Subnets = ["fd00:7::/96"] }).Problems).Code);
    }

    [Fact]
    public async Task Addresses_of_a_family_that_was_added_survive_a_restart()
    {
        _ = _node.Network("a", "10.0.0.0/24");
        _ = _node.Address("a", "x");
        _ = _node.Updated("a", new UpdateNetworkRequest { Ipv6 = true });
        var (before, network) = (Assert.Single(Endpoints), Entry.Record);
        await _node.RestartAsync();
        Assert.Equal(before.Ipv6, Assert.Single(Endpoints).Ipv6);
        Assert.Equal(network.Ipv6, Entry.Record.Ipv6);
        Assert.Equal(2, Entry.Leases.Count);
    }

    [Fact]
    public void An_isolated_family_that_is_added_has_no_gateway()
    {
        var (_, problems) = _node.Create(new CreateNetworkRequest
        {
            Name = "a",
            Internal = true,
            Options = Set(("gateway-mode-ipv6", "isolated")).Options,
        });
        Assert.Empty(problems);
        Assert.Null(_node.Updated("a", new UpdateNetworkRequest { Ipv6 = true }).Network.Ipv6!.Gateway);
    }

    [Fact]
    public void A_host_port_leads_elsewhere_in_one_request_and_mistakes_are_told_together()
    {
        _ = _node.Network("a", "10.0.0.0/24");
        Assert.Empty(_node.Connect("a", "web", ports: ["8080:80", "9000-9009:9000-9009/udp"]).Problems);
        Assert.Empty(_node.Connect("a", "db", ports: ["5432:5432"]).Problems);

        var (endpoint, _) = _node.UpdatePorts("a", "web", ["8080:81"], ["8080"]);

        Assert.Equal([81, 9000], endpoint!.Ports.Select(static p => p.TargetFirst).Distinct().Order());
        Assert.Null(_node.State.HostPorts.Holder(PortProtocol.Tcp, IPAddress.Any, new PortRange(9000, 9000)));
        var before = _node.State;
        var problems = _node.UpdatePorts("a", "web", ["5432:80"], ["8081", "9000/udp"]).Problems;
        Assert.Contains(problems, static p => p.Code == "port.taken" && p.Message.Contains("db", StringComparison.Ordinal));
        Assert.Same(before, _node.State);
        Assert.Equal(2, _node.UpdatePorts("a", "web", [], ["8081", "9000/udp"]).Problems.Count(static p => p.Code == "port.unpublished"));
    }

    private NetworkEntry Entry => _node.State.Networks[_node.State.NetworkNames["a"]];

    private EndpointRecord[] Endpoints => [.. _node.State.Endpoints.Values.OrderBy(static e => e.Name, StringComparer.Ordinal)];

    private static UpdateNetworkRequest Set(params (string Key, string Value)[] options) =>
        new() { Options = options.ToImmutableSortedDictionary(static o => o.Key, static o => o.Value) };
}

using System.Net;
using System.Runtime.CompilerServices;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

/// <summary>What of a bridge network may be changed, and whom it reaches. The page for users is tried row by row in Netd.Tests.</summary>
public sealed class BridgeChangesTests
{
    private readonly BridgeDriver _driver = new();

    [Fact]
    public void What_a_network_is_for_life_is_refused_all_at_once()
    {
        var before = Sample.Spec();
        var after = before with { Name = "other", Internal = true, Options = Sample.Options(("name", "br0")) };

        var verdict = Judge(before, after);

        Assert.Equal(["NAME", "--internal", "-o name"], verdict.Problems.Select(static p => p.Field));
        Assert.All(verdict.Problems, static p => Assert.Equal("change.fixed", p.Code));
        Assert.Equal("the device name of a network cannot be changed: it is chosen by netd, and br0 is asked for", verdict.Problems[2].Message);
    }

    [Theory]
    [InlineData("icc", "false", true)]
    [InlineData("mtu", "1400", true)]
    [InlineData("trusted-host-interfaces", "ens3", true)]
    [InlineData("masquerade", "false", false)]
    [InlineData("host-ipv4", "192.0.2.7", false)]
    [InlineData("gateway-mode-ipv4", "nat-unprotected", false)]
    [InlineData("inhibit-ipv4", "true", false)]
    [InlineData("expose", "world", false)]
    [InlineData("ifname-prefix", "net", false)]
    public void Endpoints_are_planned_anew_only_where_they_differ(string key, string value, bool reaches)
    {
        var (before, after) = (Sample.Spec(), Sample.Spec() with { Options = Sample.Options((key, value)) });

        var verdict = Judge(before, after, Endpoint(before, hasPort: key != "inhibit-ipv4"));

        Assert.Empty(verdict.Problems);
        Assert.Equal(reaches, verdict.ReachesEndpoints);

        // The word of the driver's own: the desired state of an endpoint says whether it differs.
        var (network, changed) = (Sample.Network(before), Sample.Network(after));
        var (old, now) = (_driver.Desired(network, View(network)), _driver.Desired(changed, View(changed)));
        Assert.Equal(reaches, StateText.Of(old) != StateText.Of(now));
    }

    [Theory]
    [InlineData("nat", "routed", true)]
    [InlineData("routed", "nat", true)]
    [InlineData("routed", "nat-unprotected", true)]
    [InlineData("nat", "nat-unprotected", false)]
    [InlineData("nat-unprotected", "nat", false)]
    public void A_mode_in_which_published_ports_mean_something_else_is_refused_while_there_are_some(string from, string to, bool isRefused)
    {
        var before = Sample.Spec() with { Options = Sample.Options(("gateway-mode-ipv4", from)) };
        var after = before with { Options = Sample.Options(("gateway-mode-ipv4", to)) };

        Assert.Empty(Judge(before, after, Endpoint(before)).Problems);
        var problems = Judge(before, after, Endpoint(before, hasPort: true)).Problems;

        Assert.Equal(isRefused, !problems.IsEmpty);
        Assert.All(problems, static p => Assert.Equal(("change.ports", "-o gateway-mode-ipv4"), (p.Code, p.Field)));
        Assert.All(problems, static p => Assert.EndsWith(": c2", p.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_bridge_keeps_its_ipv4_address_while_ports_lead_to_addresses_behind_it()
    {
        var before = Sample.Spec() with { Ipv6 = true };
        var after = before with { Options = Sample.Options(("inhibit-ipv4", "true")) };

        var problem = Assert.Single(Judge(before, after, Endpoint(before, hasPort: true)).Problems);

        Assert.Equal(("change.ports", "-o inhibit-ipv4"), (problem.Code, problem.Field));
        Assert.Empty(Judge(before, after, Endpoint(before, hasPort: true, isIpv6: true)).Problems);
        Assert.Empty(Judge(after, before, Endpoint(before, hasPort: true)).Problems);
    }

    [Theory]
    [InlineData(false, "--ipv4")]
    [InlineData(true, "--ipv6")]
    public void A_family_is_not_taken_from_under_published_ports(bool isIpv6, string field)
    {
        var before = Sample.Spec() with { Ipv6 = true };
        var after = isIpv6 ? before with { Ipv6 = false } : before with { Ipv4 = false };

        Assert.Empty(Judge(before, after, Endpoint(before)).Problems);
        Assert.True(Judge(before, after, Endpoint(before)).ReachesEndpoints);
        var problem = Assert.Single(Judge(before, after, Endpoint(before, hasPort: true, isIpv6)).Problems);
        Assert.Equal(("change.ports", field), (problem.Code, problem.Field));
        Assert.Empty(Judge(before, after, Endpoint(before, hasPort: true, !isIpv6)).Problems);
    }

    [Fact]
    public void The_mtu_of_an_adopted_bridge_is_left_to_whoever_made_it()
    {
        var before = Sample.Spec() with { Options = Sample.Options(("name", "br0")) };
        var record = Sample.Network(before).Network with { AdoptsLink = true, LinkName = "br0" };

        var problem = Assert.Single(_driver.JudgeChange(record, [], before with { Options = before.Options.Add("mtu", "1400") }).Problems);

        Assert.Equal(("change.adopted", "-o mtu"), (problem.Code, problem.Field));
    }

    [Fact]
    public void What_only_later_endpoints_have_is_said_if_there_are_any()
    {
        var before = Sample.Spec();
        var after = before with { Options = Sample.Options(("ifname-prefix", "net"), ("expose", "world"), ("host-binding-ipv4", "192.0.2.7")) };

        Assert.Empty(Judge(before, after).Warnings);
        Assert.Equal(3, Judge(before, after, Endpoint(before)).Warnings.Length);
    }

    [Fact]
    public void The_same_by_the_other_name_of_an_option_is_no_change()
    {
        var before = Sample.Spec() with { Options = Sample.Options(("mtu", "1400"), ("icc", "false")) };
        var after = before with
        {
            Options = Sample.Options(("com.docker.network.driver.mtu", "1400"), ("com.docker.network.bridge.enable_icc", "false")),
        };

        var verdict = Judge(before, after, Endpoint(before));

        Assert.Empty(verdict.Problems);
        Assert.Empty(verdict.Warnings);
        Assert.False(verdict.ReachesEndpoints);
    }

    [Fact]
    public void An_mtu_that_is_taken_away_is_the_default_again_and_said_in_full()
    {
        var changed = Sample.Network(Sample.Spec()).Network with { Previous = Sample.Spec() with { Options = Sample.Options(("mtu", "1400")) } };

        Assert.Equal(1500, BridgeOptions.Of(changed.Spec).MtuOf(changed));
        Assert.Null(BridgeOptions.Of(changed.Spec).MtuOf(changed with { Previous = null }));
    }

    [Theory]
    [InlineData("gateway-mode-ipv4", "routed", PortPath.Direct)]
    [InlineData("trusted-host-interfaces", "ens3", PortPath.Kernel)]
    public void Several_host_ports_may_lead_to_one_target_whose_own_address_is_reached(string key, string value, PortPath path)
    {
        var network = Sample.Network(Sample.Spec() with { Options = Sample.Options((key, value)) });
        var endpoint = Sample.Endpoint(network);
        PublishedPort[] ports =
        [
            .. from range in new[] { (8080, 80, 1), (8081, 80, 1), (9000, 90, 10), (9100, 95, 10), (9200, 104, 2) }
               select Port(endpoint.Endpoint, isIpv6: false) with
               {
                   HostPorts = new PortRange(range.Item1, range.Item1 + range.Item3 - 1),
                   TargetFirst = range.Item2,
                   Path = path,
               },
        ];

        var state = _driver.Desired(network, endpoint with { Endpoint = endpoint.Endpoint with { Ports = [.. ports] } });

        Assert.Equal(
            ["lan_open4 172.20.0.2 . tcp . 80", "lan_open_ranges4 172.20.0.2 . tcp . 90-105"],
            state.Objects.OfType<FirewallElementState>().Where(static e => e.Set.Contains("open", StringComparison.Ordinal))
                .Select(static e => $"{e.Set} {string.Join(" . ", e.KeyParts)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_for_users_has_a_row_for_every_option()
    {
        var page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "docs", "tasks", "change-a-network.md"));

        Assert.All(BridgeOptions.Names, name => Assert.Contains($"| `-o {name}=", page, StringComparison.Ordinal));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private NetworkVerdict Judge(NetworkSpec before, NetworkSpec after, params EndpointRecord[] endpoints) =>
        _driver.JudgeChange(Sample.Network(before).Network, endpoints, after);

    private static EndpointView View(NetworkView network) => new(Endpoint(network.Network.Spec, hasPort: true), Sample.Sandbox);

    private static EndpointRecord Endpoint(NetworkSpec spec, bool hasPort = false, bool isIpv6 = false)
    {
        var endpoint = Sample.Endpoint(Sample.Network(spec)).Endpoint;
        return hasPort ? endpoint with { Ports = [Port(endpoint, isIpv6)] } : endpoint;
    }

    private static PublishedPort Port(EndpointRecord endpoint, bool isIpv6) => new()
    {
        Protocol = PortProtocol.Tcp,
        HostAddress = isIpv6 ? IPAddress.IPv6Any : IPAddress.Any,
        HostPorts = new PortRange(8080, 8080),
        TargetAddress = (isIpv6 ? endpoint.Ipv6 : endpoint.Ipv4)!.Address, // the sample has both
        TargetFirst = 80,
        Exposure = PortExposure.Lan,
    };
}

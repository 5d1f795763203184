using System.Net;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>A firewall of somebody else's that no rule of ours can overrule.</summary>
/// <remarks>
/// <code>
///   world ── uplink ── host ── bridge ── container
///                       └ inet firewalld: forward, policy drop
/// </code>
/// </remarks>
public sealed class ForeignFirewallTests
{
    [Fact]
    public async Task Doctor_names_the_chain_that_drops_forwarded_packets_and_the_command_against_it()
    {
        await using var stage = await Stage.OpenAsync(before: static async stage =>
        {
            _ = (await stage.Host.RunAsync(
                "nft",
                "add table inet firewalld; add chain inet firewalld filter_FORWARD { type filter hook forward priority 0; policy drop; }")).Succeeded();
            return true;
        });
        _ = await stage.NetworkAsync("fw", "10.98.0.0/24", "fd98::/64");
        var (place, endpoint) = await stage.ContainerAsync("fw", "f", new ConnectRequest { Publish = ["8080:80", "8080:80/udp"], Expose = "world" });
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any, IPAddress.IPv6Any], 80));
        await Reach.SeenAsync(
            (stage.Host, Stage.HostAddress4, 8080, "10.98.0.1"), // what the host sends is not forwarded
            (stage.Host, endpoint.Address6, 80, "fd98::1"),
            (stage.World, Stage.HostAddress4, 8080, Reach.Nothing),
            (stage.World, Stage.HostAddress6, 8080, Reach.Nothing));

        var doctor = (await stage.Api.GetAsync("/v1/doctor")).As(ApiJson.Default.DoctorDocument);
        var check = Assert.Single(doctor.Checks, static c => c.Name == "foreign firewalls");
        Assert.Equal("warning", check.State);
        Assert.Contains("chain filter_FORWARD of table inet firewalld drops forwarded packets", check.Message, StringComparison.Ordinal);
        Assert.Contains("firewall-cmd", check.Hint, StringComparison.Ordinal);

        // And whoever looks at the ports is told there.
        var ports = (await stage.Api.GetAsync("/v1/ports")).As(ApiJson.Default.PortDocumentArray);
        Assert.All(ports, static p => Assert.Contains(p.Obstacles, static o => o.Contains("firewalld", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_rule_that_drops_one_port_stands_beside_that_port_alone()
    {
        HostBackend.SkipUnlessNftables("where netd's own rules are iptables, they stand before others in the chain");
        HostKind.SkipUnlessClean("where a chain drops by default, netd's rule there stands before it");
        await using var stage = await Stage.OpenAsync();
        _ = await stage.NetworkAsync("dr", "10.97.0.0/24");
        var (place, endpoint) = await stage.ContainerAsync("dr", "d", new ConnectRequest { Publish = ["8080:80", "8080:80/udp", "8081:81", "8081:81/udp"], Expose = "world" });
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any], 80));
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any], 81));
        var address = endpoint.Address4!.Split('/')[0]; // it has one
        foreach (var protocol in new[] { "tcp", "udp" })
        {
            _ = (await stage.IptablesAsync("iptables", "-I", "FORWARD", "-d", address, "-p", protocol, "--dport", "80", "-j", "DROP")).Succeeded();
        }

        await Reach.SeenAsync(
            (stage.World, Stage.HostAddress4, 8080, Reach.Nothing),
            (stage.World, Stage.HostAddress4, 8081, Stage.WorldAddress4));

        var ports = (await stage.Api.PortsAsync()).Where(static p => p.Port.HostAddress == "0.0.0.0").ToArray();
        Assert.Equal(4, ports.Length);
        Assert.All(ports, p => Assert.Equal(
            p.Port.HostPorts == "8080" ? [$"a rule of others may drop its packets, chain ip filter FORWARD: {p.Port.Protocol} port 80 to {address}/32: nft -a list chain ip filter FORWARD shows it"] : [],
            p.Obstacles));
    }
}

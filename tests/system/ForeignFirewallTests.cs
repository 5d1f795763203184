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
}

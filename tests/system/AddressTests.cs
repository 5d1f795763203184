using System.Net;
using System.Text.Json;
using Networking.Daemon.Tests.Staging;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Which addresses networks and sandboxes get on a real host, with <c>ip</c> as the witness.</summary>
/// <remarks>
/// <code>
///   sandboxes ── bridges ── host ── uplink 198.51.100.2/24 ── world 198.51.100.1
///                             ├── lan1 172.17.9.1/24        (a LAN that comes later)
///                             └── vpn0                       (routes out of it, no address in them)
/// </code>
/// </remarks>
public sealed class AddressTests
{
    private const string Gateway = Stage.WorldAddress4;

    [Fact]
    public async Task Three_hundred_networks_meet_nothing_of_the_host_although_routes_and_a_vpn_come_half_way()
    {
        await using var stage = await Stage.OpenAsync();
        await LinkAsync(stage, "lan0", "192.168.3.1/24", "172.17.2.1/24");
        for (var i = 0; i < 300; i++)
        {
            if (i == 150)
            {
                await LinkAsync(stage, "lan1", "172.18.9.1/24");
                await LinkAsync(stage, "vpn0");
                var standing = IPNetwork.Parse((await stage.Api.NetworkAsync("n10")).Ipv4!.Subnet);
                foreach (var route in new[]
                {
                    $"{Prefix.Mask(standing.BaseAddress, 20)} via {Gateway}", // it comes over what stands
                    $"10.0.0.0/8 via {Gateway}", $"10.1.2.0/24 via {Gateway}", $"172.16.0.0/16 via {Gateway}", $"172.17.200.0/21 via {Gateway}",
                    $"172.20.0.0/14 via {Gateway}", "172.18.20.0/24 dev vpn0", $"0.0.0.0/1 via {Gateway}", "128.0.0.0/1 dev vpn0",
                })
                {
                    await stage.Host.IpAsync($"route add {route}");
                }
            }

            var change = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = $"n{i}" })).Change();
            Assert.Empty(change.Warnings);
        }

        var (ours, others) = await RoutesAsync(stage);
        Assert.Equal(300, ours.Length);
        Assert.Equal(13, others.Length);
        for (var i = 0; i < ours.Length; i++)
        {
            Assert.DoesNotContain(ours.Skip(i + 1), o => Prefix.Overlaps(o, ours[i]));
        }

        // The first half could not know of what came later; it may stand where a LAN comes, and is told of.
        Assert.DoesNotContain(ours, o => Prefix.Overlaps(o, IPNetwork.Parse("172.17.2.0/24")) || Prefix.Overlaps(o, IPNetwork.Parse("198.51.100.0/24")));
        var late = await Task.WhenAll(Enumerable.Range(150, 150).Select(async i => (await stage.Api.NetworkAsync($"n{i}")).Ipv4!.Subnet));
        var means = others.Where(static o => o.PrefixLength > 1).ToArray();
        Assert.DoesNotContain(late, l => means.Any(m => Prefix.Overlaps(m, IPNetwork.Parse(l))));

        // And told of it is: each subnet with what it meets, and the worst by doctor.
        var met = ours.Where(o => means.Any(m => Prefix.Overlaps(m, o))).Select(static o => o.ToString()).ToArray();
        Assert.NotEmpty(met);
        var rows = (await stage.NetctlAsync("ipam", "ls")).Succeeded().Split('\n');
        Assert.All(met, m => Assert.Contains(rows, r => r.StartsWith($"warning: {m} of n", StringComparison.Ordinal)
            && (r.Contains(" of a route ", StringComparison.Ordinal) || r.Contains(" of the host's interface lan1", StringComparison.Ordinal))));
        var doctor = (await stage.Api.GetAsync("/v1/doctor")).As(ApiJson.Default.DoctorDocument);
        Assert.Contains($"{met.Length} subnets overlap a network or route of the host", Assert.Single(doctor.Checks, static c => c.Name == "subnets").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vpn_that_leads_everywhere_refuses_nothing_and_says_what_it_loses()
    {
        await using var stage = await Stage.OpenAsync();
        await LinkAsync(stage, "vpn0");
        foreach (var route in new[] { "0.0.0.0/1 dev vpn0", "128.0.0.0/1 dev vpn0", "172.16.0.0/12 dev vpn0", $"192.168.0.0/16 via {Gateway}" })
        {
            await stage.Host.IpAsync($"route add {route}");
        }

        var created = await stage.NetctlAsync("create", "first");
        Assert.Equal(0, created.Code);
        var subnet = IPNetwork.Parse((await stage.Api.NetworkAsync("first")).Ipv4!.Subnet);
        Assert.True(Prefix.Overlaps(subnet, IPNetwork.Parse("192.168.0.0/16")), $"{subnet}"); // a route by a gateway is given up first
        Assert.Contains($"warning: subnet {subnet} overlaps 192.168.0.0/16 of a route by {Gateway} on uplink", created.Error, StringComparison.Ordinal);

        var asked = await stage.NetctlAsync("create", "--subnet", "172.30.0.0/16", "--dry-run", "second");
        Assert.Contains("warning: subnet 172.30.0.0/16 overlaps 172.16.0.0/12 of a route out of vpn0", asked.Error, StringComparison.Ordinal);
        var refused = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = "third", Subnets = ["198.51.0.0/16"] })).Refused(409);
        Assert.Contains("198.51.100.0/24 of the host's interface uplink", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"192.168.0.0/16 of a route by {Gateway} on uplink", (await stage.NetctlAsync("ipam", "ls")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Range_gateway_and_addresses_set_aside_are_what_a_sandbox_sees()
    {
        await using var stage = await Stage.OpenAsync();
        _ = (await stage.NetctlAsync(
            "create", "--subnet", "10.40.0.0/24", "--ip-range", "10.40.0.128/25", "--aux-address", "nas=10.40.0.128", "--aux-address",
            "DefaultGatewayIPv4=10.40.0.254", "--subnet", "fd40::/64", "--aux-address", "DefaultGatewayIPv6=fe80::9", "--ipam-opt", "serial=true", "app")).Succeeded();
        var network = await stage.Api.NetworkAsync("app");
        Assert.Contains("10.40.0.1/24", await stage.Host.AddressesAsync(network.Device));

        var (a, endpoint) = await stage.ContainerAsync("app", "a");
        Assert.Equal("10.40.0.129", endpoint.Address4);
        Assert.Contains("10.40.0.129/24", await a.AddressesAsync("eth0"));
        Assert.Equal("10.40.0.254", (await a.IpJsonAsync("-4 route show default"))[0].GetProperty("gateway").GetString());
        Assert.Equal("fe80::9", (await a.IpJsonAsync("-6 route show default"))[0].GetProperty("gateway").GetString());

        // A static one may be anywhere but where something is set aside.
        var (_, other) = await stage.ContainerAsync("app", "b", new ConnectRequest { Ip = "10.40.0.7" });
        Assert.Equal("10.40.0.7", other.Address4);
        _ = (await stage.Api.CreateSandboxAsync("c")).Change();
        var refused = (await stage.Api.ConnectAsync("app", new ConnectRequest { Sandbox = "c", Ip = "10.40.0.128" })).Refused(409);
        Assert.Contains("it is the auxiliary address nas", refused.Message, StringComparison.Ordinal);

        // moby#46756: with a range the check of overlaps is not skipped.
        refused = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = "x", Subnets = ["10.40.0.0/16"], IpRanges = ["10.40.9.0/24"] })).Refused(409);
        Assert.Contains("overlaps 10.40.0.0/24 of network app", refused.Message, StringComparison.Ordinal);
        await stage.RestartAsync(isKilled: true);
        Assert.Equal("10.40.0.130", (await stage.ConnectAsync("app", "c")).Address4);
        await stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task Pools_and_rest_are_configured_and_who_has_what_is_told()
    {
        await using var stage = await Stage.OpenAsync(before: static async stage =>
        {
            stage.ConfigFile = $"{stage.Folder}/netd.json";
            await File.WriteAllTextAsync(
                stage.ConfigFile, """{ "defaultAddressPools": ["base=10.41.0.0/24,size=28"], "addressQuarantineSeconds": 3600 }""", Eventually.Cancel);
            return true;
        });
        var network = await stage.NetworkAsync(new CreateNetworkRequest { Name = "app", Ipv6 = true, IpamOptions = Options.Of(("serial", "true")) });
        Assert.Equal("10.41.0.0/28", network.Ipv4!.Subnet);
        Assert.StartsWith("fd", network.Ipv6!.Subnet, StringComparison.Ordinal);
        Assert.Equal("10.41.0.16/29", (await stage.NetworkAsync("small", "0.0.0.0/29")).Ipv4!.Subnet);

        var (_, endpoint) = await stage.ContainerAsync("app", "a");
        _ = (await stage.Api.DisconnectAsync("app", "a")).Change();
        var (b, next) = await stage.ContainerAsync("app", "b");
        Assert.Equal(("10.41.0.2", "10.41.0.3"), (endpoint.Address4, next.Address4));
        Assert.Contains("10.41.0.3/28", await b.AddressesAsync("eth0"));

        Assert.Equal("resting", (await WhyAsync(stage, "10.41.0.2")).State);
        var leased = await WhyAsync(stage, "10.41.0.3");
        Assert.Equal(("leased", "app", "b"), (leased.State, leased.Network, leased.Sandbox));
        Assert.Equal("10.41.0.3", (await stage.NetctlAsync("ipam", "ls", "app", "-q")).Succeeded().Split('\n')[0]);
        var text = (await stage.NetctlAsync("ipam", "ls", "app")).Succeeded();
        Assert.Contains((await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", Eventually.Cancel))[..8], text, StringComparison.Ordinal);
        Assert.Equal("host\n", (await stage.NetctlAsync("ipam", "why", Stage.HostAddress4, "--quiet")).Succeeded());
        Assert.Contains("10.41.0.0/28 is the subnet of network app.", (await stage.NetctlAsync("ipam", "why", "10.41.0.0/28")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(1, (await stage.NetctlAsync("ipam", "why", "banana")).Code);
        Assert.Equal(1, (await stage.NetctlAsync("ipam", "ls", "nobody")).Code);
        Assert.Equal(400, (await stage.Api.GetAsync("/v1/ipam/why")).Status);

        var before = await stage.SnapshotAsync();
        var refused = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = "large", Subnets = ["0.0.0.0/24"] })).Refused(409);
        Assert.Contains("no /24 is left in 10.41.0.0/24 in /28; in use: 10.41.0.0/28 (network app), 10.41.0.16/29 (network small)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await stage.SnapshotAsync());
    }

    [Fact]
    public async Task A_pool_that_is_used_up_names_everybody_who_has_a_part()
    {
        await using var stage = await Stage.OpenAsync(before: static async stage =>
        {
            stage.ConfigFile = $"{stage.Folder}/netd.json";
            await File.WriteAllTextAsync(stage.ConfigFile, """{ "defaultAddressPools": ["base=10.42.0.0/22,size=24"] }""", Eventually.Cancel);
            await LinkAsync(stage, "lan0", "10.42.1.1/24");
            return true;
        });
        foreach (var name in new[] { "a", "b", "c" })
        {
            _ = await stage.NetworkAsync(name);
        }

        var refused = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = "d" })).Refused(409);
        Assert.Equal(
            "IPv4: no subnet is left in 10.42.0.0/22 in /24; in use: 10.42.0.0/24 (network a), 10.42.1.0/24 (the host's interface lan0), "
            + "10.42.2.0/24 (network b), 10.42.3.0/24 (network c)",
            refused.Message);
        _ = (await stage.Api.RemoveAsync("b")).Change();
        Assert.Equal("10.42.2.0/24", (await stage.NetworkAsync("d")).Ipv4!.Subnet);
    }

    private static async Task<IpamWhyDocument> WhyAsync(Stage stage, string address) =>
        (await stage.Api.GetAsync($"/v1/ipam/why?address={Uri.EscapeDataString(address)}")).As(ApiJson.Default.IpamWhyDocument);

    private static async Task LinkAsync(Stage stage, string name, params string[] addresses)
    {
        await stage.Host.IpAsync($"link add {name} type veth peer name {name} netns {stage.Tag}-world");
        await stage.World.IpAsync($"link set {name} up");
        foreach (var address in addresses)
        {
            await stage.Host.IpAsync($"address add {address} dev {name}");
        }

        await stage.Host.IpAsync($"link set {name} up");
    }

    // As the kernel has them: prefixes of our bridges, and those of everything else but the default route.
    private static async Task<(IPNetwork[] Ours, IPNetwork[] Others)> RoutesAsync(Stage stage)
    {
        var routes = (await stage.Host.IpJsonAsync("-4 route show")).EnumerateArray().Where(static r => Text(r, "dst") != "default").ToLookup(
            static r => Text(r, "dev").StartsWith("br-", StringComparison.Ordinal),
            static r => Text(r, "dst") is var dst && dst.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(dst) : IPNetwork.Parse($"{dst}/32"));
        return ([.. routes[true]], [.. routes[false]]);

        static string Text(JsonElement route, string name) => route.GetProperty(name).GetString()!; // ip always has it
    }
}

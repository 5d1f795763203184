using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Sandboxes as machines on the segment of one of the host's interfaces.</summary>
/// <remarks>
/// <code>
///   outside 10.N.0.1 ── veth ── parent (host)
///                                ├── eth0 of sandbox a (macvlan)
///                                └── eth0 of sandbox b
/// </code>
/// </remarks>
public sealed class MacvlanTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_sandbox_and_a_machine_outside_reach_each_other_untranslated_and_the_host_is_not_between()
    {
        var lan = await Segment.LayAsync(Stage, "lan0", 40);
        var network = await Stage.NetworkAsync(lan.Request("lan", isDual: true));
        Assert.Equal(("lan0", "10.40.0.1", "fd28::1"), (network.Device, network.Ipv4!.Gateway, network.Ipv6!.Gateway));
        var (a, ea) = await Stage.ContainerAsync("lan", "lan-a");
        var (b, eb) = await Stage.ContainerAsync("lan", "lan-b");
        Assert.Equal(ea.Address4, await Talk.TcpAsync(a, lan.Outside, lan.Router4));
        Assert.Equal(ea.Address6, await Talk.TcpAsync(a, lan.Outside, lan.Router6));
        Assert.Equal(lan.Router4, await Talk.TcpAsync(lan.Outside, a, ea.Address4));
        Assert.Equal(lan.Router6, await Talk.UdpAsync(lan.Outside, a, ea.Address6));
        Assert.Equal(ea.Address4, await Talk.TcpAsync(a, b, eb.Address4));
        Assert.Equal(ea.Address6, await Talk.UdpAsync(a, b, eb.Address6));
        Assert.Equal(lan.Router4, (await a.IpJsonAsync("route show default"))[0].GetProperty("gateway").GetString());
        Assert.Equal(lan.Router6, (await a.IpJsonAsync("-6 route show default"))[0].GetProperty("gateway").GetString());

        // No gateway of the host's, and by the kernel's rule no way from the host to its own children.
        Assert.Empty(await Stage.Host.AddressesAsync("lan0"));
        await Stage.Host.IpAsync("addr add 10.40.77.1/16 dev lan0");
        await Stage.Host.MissesAsync(ea.Address4);
        var link = (await a.LinkAsync("eth0"))!.Value;
        Assert.Equal("bridge", link.GetProperty("linkinfo").GetProperty("info_data").GetProperty("mode").GetString());
        Assert.Equal(ea.Mac, link.GetProperty("address").GetString());
        _ = (await Stage.Api.RemoveAsync("lan", isForced: true)).Change();
        Assert.Null(await a.LinkAsync("eth0"));
        Assert.NotNull(await Stage.Host.LinkAsync("lan0"));
        Assert.Equal(["10.40.77.1/16"], await Stage.Host.AddressesAsync("lan0"));
    }

    [Theory]
    [InlineData("private")]
    [InlineData("vepa")] // the other end of the cable sends nothing back
    public async Task Sandboxes_of_one_parent_do_not_meet_directly_but_in_mode_bridge(string mode)
    {
        var lan = await Segment.LayAsync(Stage, $"l-{mode}", mode.Length + 40);
        _ = await Stage.NetworkAsync(lan.Request(mode, isDual: true, options: ("macvlan_mode", mode)));
        var (a, ea) = await Stage.ContainerAsync(mode, $"{mode}-a");
        var (b, eb) = await Stage.ContainerAsync(mode, $"{mode}-b");
        await a.ReachesAsync(lan.Router4);
        await b.ReachesAsync(lan.Router6);
        await lan.Outside.ReachesAsync(eb.Address4);
        await a.MissesAsync(eb.Address4);
        await b.MissesAsync(ea.Address6);
        Assert.Equal(mode, (await a.LinkAsync("eth0"))!.Value.GetProperty("linkinfo").GetProperty("info_data").GetProperty("mode").GetString());
    }

    [Fact]
    public async Task The_mtu_option_is_honoured()
    {
        var lan = await Segment.LayAsync(Stage, "lan-mtu", 51);
        _ = await Stage.NetworkAsync(lan.Request("mtu", options: ("com.docker.network.driver.mtu", "1400")));
        var (place, _) = await Stage.ContainerAsync("mtu", "mtu-a");
        Assert.Equal(1400, (await place.LinkAsync("eth0"))!.Value.GetProperty("mtu").GetInt32());
        Assert.True((await place.RunAsync("ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", "1372", lan.Router4)).IsDone); // 28 bytes of headers
        Assert.False((await place.RunAsync("ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", "1373", lan.Router4)).IsDone);
        _ = await Stage.NetworkAsync(lan.Request("plain", part: 9));
        var (plain, _) = await Stage.ContainerAsync("plain", "mtu-b");
        Assert.Equal(1500, (await plain.LinkAsync("eth0"))!.Value.GetProperty("mtu").GetInt32());
    }

    [Fact]
    public async Task Ipv6_alone_is_enough()
    {
        var lan = await Segment.LayAsync(Stage, "lan-six", 58);
        var request = lan.Request("six") with { Ipv4 = false, Ipv6 = true, Subnets = ["fd3a::/64"], Gateways = [lan.Router6] };
        _ = await Stage.NetworkAsync(request with { Options = request.Options.Add("host-shim", "true") });
        var (place, endpoint) = await Stage.ContainerAsync("six", "six-a");
        Assert.Null(endpoint.Ipv4);
        Assert.Equal(endpoint.Address6, await Talk.TcpAsync(place, lan.Outside, lan.Router6));
        await Stage.Host.ReachesAsync(endpoint.Address6);
        Assert.Equal("eth0", await place.DefaultDeviceAsync(6));
        Assert.Null(await place.DefaultDeviceAsync(4));
    }

    [Theory]
    [InlineData("private", 4, 81)]
    [InlineData("private", 6, 82)]
    [InlineData("vepa", 4, 83)]
    [InlineData("vepa", 6, 84)]
    [InlineData("passthru", 4, 85)]
    [InlineData("passthru", 6, 86)]
    public async Task One_family_alone_is_enough_in_other_modes(string mode, int family, int number)
    {
        var (lan, name) = (await Segment.LayAsync(Stage, $"l{family}-{mode}", number), $"{mode}{family}");
        var request = lan.Request(name, options: ("macvlan_mode", mode));
        _ = await Stage.NetworkAsync(family == 4 ? request : request with { Ipv4 = false, Ipv6 = true, Subnets = [$"fd{number:x2}::/64"], Gateways = [lan.Router6] });
        var (place, endpoint) = await Stage.ContainerAsync(name, $"{name}-a");
        Assert.Null(family == 4 ? endpoint.Ipv6 : endpoint.Ipv4);
        var (address, router) = family == 4 ? (endpoint.Address4, lan.Router4) : (endpoint.Address6, lan.Router6);
        Assert.Equal(address, await Talk.TcpAsync(place, lan.Outside, router));
        await lan.Outside.ReachesAsync(address);
        Assert.Equal("eth0", await place.DefaultDeviceAsync(family));
        Assert.Null(await place.DefaultDeviceAsync(family == 4 ? 6 : 4));
    }

    [Fact]
    public async Task By_a_shim_the_host_reaches_its_own_sandboxes_and_the_segment_stays_as_it_was()
    {
        var lan = await Segment.LayAsync(Stage, "lan-shim", 52);
        await Stage.Host.IpAsync("addr add 10.52.0.10/16 dev lan-shim");
        var network = await Stage.NetworkAsync(lan.Request("shim", isDual: true, options: ("host-shim", "true")));
        var (place, endpoint) = await Stage.ContainerAsync("shim", "shim-a");
        var (host4, host6) = (network.Ipv4!.AuxAddresses["host-shim"], network.Ipv6!.AuxAddresses["host-shim"]);
        Assert.Equal("10.52.0.10", network.Ipv4.AuxAddresses["host-lan-shim"]); // in use, so nobody else is given it
        Assert.Equal(host4, await Talk.TcpAsync(Stage.Host, place, endpoint.Address4));
        Assert.Equal(host6, await Talk.TcpAsync(Stage.Host, place, endpoint.Address6));
        Assert.Equal(endpoint.Address4, await Talk.TcpAsync(place, Stage.Host, host4));
        Assert.Equal("10.52.0.10", await Talk.TcpAsync(Stage.Host, lan.Outside, lan.Router4)); // as before, by the parent
        await Stage.AssertNothingDiffersAsync();

        var shim = $"ms-{network.Id[..12]}";
        await Stage.Host.IpAsync($"link del {shim}");
        await Stage.Host.ReachesAsync(endpoint.Address4); // mended
        _ = (await Stage.Api.DisconnectAsync("shim", "shim-a")).Change();
        Assert.Equal(0, (await Stage.Host.IpJsonAsync($"route show {endpoint.Address4}")).GetArrayLength());
        _ = (await Stage.Api.RemoveAsync("shim")).Change();
        Assert.DoesNotContain(shim, await Stage.Host.LinksAsync());
    }

    [Fact]
    public async Task Several_subnets_are_used_in_turn_and_each_endpoint_has_the_router_of_its_own()
    {
        var lan = await Segment.LayAsync(Stage, "lan-more", 53);
        await lan.Outside.IpAsync("addr add 10.154.0.1/24 dev lan-more");
        var network = await Stage.NetworkAsync(lan.Request("more") with
        {
            Subnets = ["10.53.9.0/29", "10.154.0.0/24"],
            Gateways = ["10.53.9.1", "10.154.0.1"],
        });
        Assert.Equal("10.154.0.0/24", Assert.Single(network.MoreSubnets).Subnet);
        var (asked, one) = await Stage.ContainerAsync("more", "more-asked", new ConnectRequest { Ip = "10.154.0.77" });
        Assert.Equal("10.154.0.77/24", one.Ipv4);
        await asked.ReachesAsync("10.154.0.1");
        Assert.Equal("10.154.0.1", (await asked.IpJsonAsync("route show default"))[0].GetProperty("gateway").GetString());
        for (var i = 0; i < 5; i++)
        {
            _ = await Stage.ContainerAsync("more", $"more-{i}"); // all of the /29
        }

        var (next, two) = await Stage.ContainerAsync("more", "more-next");
        Assert.Equal("10.154.0.2/24", two.Ipv4);
        await next.ReachesAsync("10.154.0.77");
        Assert.Equal("address.outside", (await Stage.Api.ConnectAsync("more", new ConnectRequest { Sandbox = "more-0", Name = "second", Ip = "10.9.9.9" })).Refused(409).Code);
        await Stage.RestartAsync(isKilled: true);
        Assert.Equal("address.taken", (await Stage.Api.ConnectAsync("more", new ConnectRequest { Sandbox = "more-0", Name = "second", Ip = "10.154.0.2" })).Refused(409).Code);
    }

    [Fact]
    public async Task An_internal_network_has_no_default_route_and_published_ports_are_discarded_with_a_warning()
    {
        var lan = await Segment.LayAsync(Stage, "lan-int", 54);
        _ = await Stage.NetworkAsync(lan.Request("int") with { Internal = true });
        var place = await Stage.SandboxAsync("int-a");
        var change = (await Stage.Api.ConnectAsync("int", new ConnectRequest { Sandbox = "int-a", Publish = ["8080:80"] })).Change();
        Assert.Contains(change.Warnings, static w => w.Contains("published ports are discarded", StringComparison.Ordinal));
        Assert.Empty(change.Endpoint!.Ports);
        Assert.Null(await place.DefaultDeviceAsync(4));
        await place.ReachesAsync(lan.Router4); // what is on the segment is reached all the same
    }

    [Fact]
    public async Task An_endpoint_is_announced_to_the_segment()
    {
        var lan = await Segment.LayAsync(Stage, "lan-say", 55);
        _ = await Stage.NetworkAsync(lan.Request("say", isDual: true));
        var heard = await Listener.StartAsync(Stage, lan.Outside, "lan-say", "arp or icmp6");
        _ = await Stage.ContainerAsync("say", "say-a", new ConnectRequest { Ip = "10.55.0.9", Ip6 = "fd37::9", Mac = "02:42:ac:11:00:55" });
        await heard.HearsAsync("02:42:ac:11:00:55 > .*ARP.*(who-has 10.55.0.9 .*tell 10.55.0.9|10.55.0.9 is-at)");
        await heard.HearsAsync("02:42:ac:11:00:55 > .*neighbor advertisement.*tgt is fd37::9");
    }

    [Fact]
    public async Task Passthru_has_its_parent_to_itself()
    {
        var lan = await Segment.LayAsync(Stage, "lan-pass", 56);
        var mac = (await Stage.Host.LinkAsync("lan-pass"))!.Value.GetProperty("address").GetString();
        _ = await Stage.NetworkAsync(lan.Request("pass", isDual: true, options: ("macvlan_mode", "passthru")));
        var (place, endpoint) = await Stage.ContainerAsync("pass", "pass-a");
        Assert.Equal(mac, endpoint.Mac);
        Assert.Equal(mac, (await place.LinkAsync("eth0"))!.Value.GetProperty("address").GetString());
        await place.ReachesAsync(lan.Router4);
        await place.ReachesAsync(lan.Router6);
        await lan.Outside.ReachesAsync(endpoint.Address4);

        _ = await Stage.SandboxAsync("pass-b");
        Assert.Equal("network.full", (await Stage.Api.ConnectAsync("pass", new ConnectRequest { Sandbox = "pass-b" })).Refused(409).Code);
        var error = (await UnchangedAsync(() => Stage.Api.CreateAsync(lan.Request("pass2", part: 8)))).Refused(409);
        Assert.Equal("parent.taken", error.Code);
        Assert.Contains("network pass", error.Message, StringComparison.Ordinal);
        _ = (await Stage.Api.RemoveAsync("pass", isForced: true)).Change();
        _ = await Stage.NetworkAsync(lan.Request("shared", part: 8));
        error = (await Stage.Api.CreateAsync(lan.Request("pass3", part: 7, options: ("macvlan_mode", "passthru")))).Refused(409);
        Assert.Contains("network shared is using parent interface lan-pass already", error.Message, StringComparison.Ordinal);
        Assert.Equal(mac, (await Stage.Host.LinkAsync("lan-pass"))!.Value.GetProperty("address").GetString());
    }

    [Fact]
    public async Task A_namespace_that_goes_takes_its_endpoint_along_and_its_address_is_free()
    {
        var lan = await Segment.LayAsync(Stage, "lan-gone", 57);
        _ = await Stage.NetworkAsync(lan.Request("gone", options: ("host-shim", "true")));
        var place = await Stage.NamespaceAsync("gone");
        var endpoint = await Stage.ConnectAsync("gone", place.Path);
        await lan.Outside.ReachesAsync(endpoint.Address4);
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(place.Path))).Succeeded();
        _ = await Eventually.TrueAsync(s_within, async () => (await Stage.Api.NetworkAsync("gone")).EndpointCount == 0, Stage.Host.SightAsync);
        _ = await Eventually.TrueAsync(
            s_within, async () => (await Stage.Host.IpJsonAsync($"route show {endpoint.Address4}")).GetArrayLength() == 0, Stage.Host.SightAsync);
        var (again, _) = await Stage.ContainerAsync("gone", "gone-b", new ConnectRequest { Ip = endpoint.Address4 });
        await lan.Outside.ReachesAsync(endpoint.Address4);
        await again.ReachesAsync(lan.Router4);
    }
}

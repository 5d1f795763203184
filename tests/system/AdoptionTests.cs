using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>A bridge that somebody else made: used, and left as it was.</summary>
/// <remarks>
/// <code>
///   stranger ── veth ──┐
///                      ├── bridge made by hand ── host
///   container ── eth0 ─┘
/// </code>
/// </remarks>
public sealed class AdoptionTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task An_addressed_bridge_brings_its_subnet_and_keeps_address_and_ports()
    {
        await Stage.Host.IpAsync("link add ours0 type bridge");
        await Stage.Host.IpAsync("addr add 10.110.0.1/24 dev ours0");
        await Stage.Host.IpAsync("addr add fdb0::1/64 dev ours0 nodad");
        await Stage.Host.IpAsync("link set ours0 up");
        var stranger = await StrangerAsync("ours0", "p0", "10.110.0.200/24", "fdb0::200/64");
        var before = await LinkTextAsync("ours0");

        var network = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "adopted", Ipv6 = true, Options = Options.Of(("name", "ours0")) });
        Assert.Equal(("10.110.0.0/24", "10.110.0.1"), (network.Ipv4!.Subnet, network.Ipv4.Gateway));
        Assert.Equal(("fdb0::/64", "fdb0::1"), (network.Ipv6!.Subnet, network.Ipv6.Gateway));
        var (place, endpoint) = await Stage.ContainerAsync("adopted", "ad");
        await place.ReachesAsync("10.110.0.200");
        await place.ReachesAsync("fdb0::200");
        await stranger.ReachesAsync(endpoint.Address4);
        Assert.Equal(Stage.HostAddress4, await Talk.TcpAsync(place, Stage.World, Stage.WorldAddress4));

        _ = (await Stage.Api.RemoveAsync("adopted", isForced: true)).Change();
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), async () => await LinkTextAsync("ours0") == before, () => LinkTextAsync("ours0"));
        Assert.NotNull(await Stage.Host.LinkAsync("p0"));
        await stranger.ReachesAsync("10.110.0.1");
        await stranger.ReachesAsync("fdb0::1");
    }

    [Fact]
    public async Task No_address_of_the_hosts_own_on_an_adopted_bridge_is_given_to_anybody()
    {
        await Stage.Host.IpAsync("link add ours7 type bridge");
        await Stage.Host.IpAsync("link set ours7 mtu 1400 up");
        await Stage.Host.IpAsync("addr add 10.117.0.1/24 dev ours7");
        await Stage.Host.IpAsync("addr add 10.117.0.2/24 dev ours7");
        await Stage.Host.IpAsync("addr add 10.118.0.1/24 dev ours7");
        var tooBig = new CreateNetworkRequest { Name = "own7", Subnets = ["10.117.0.0/24"], Options = Options.Of(("name", "ours7"), ("mtu", "1500")) };
        Assert.Contains("more than the 1400 of adopted device ours7", (await Stage.Api.CreateAsync(tooBig)).Refused(400).Message, StringComparison.Ordinal);
        _ = await Stage.NetworkAsync(tooBig with { Options = Options.Of(("name", "ours7")) });
        var (place, endpoint) = await Stage.ContainerAsync("own7", "own7-a");
        Assert.Equal("10.117.0.3", endpoint.Address4);
        await place.ReachesAsync("10.117.0.2");
        var taken = (await Stage.Api.ConnectAsync("own7", new ConnectRequest { Sandbox = "own7-a", Name = "second", Ip = "10.117.0.2" })).Refused(409);
        Assert.Contains("the host's own on ours7", taken.Message, StringComparison.Ordinal);

        // What the bridge is on beside the network's subnet is in the way of others.
        var beside = (await Stage.Api.CreateAsync(new CreateNetworkRequest { Name = "beside7", Subnets = ["10.118.0.0/25"] })).Refused(409);
        Assert.Contains("ours7", beside.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bare_bridge_gets_an_address_and_loses_it_again_but_stays()
    {
        await Stage.Host.IpAsync("link add ours1 type bridge");
        var stranger = await StrangerAsync("ours1", "p1", "10.111.0.200/24", "fdb1::200/64");
        var network = await Stage.NetworkAsync(new CreateNetworkRequest
        {
            Name = "bare",
            Subnets = ["10.111.0.0/24", "fdb1::/64"],
            Options = Options.Of(("name", "ours1")),
        });
        Assert.Equal("ours1", network.Device);
        Assert.Equal(["10.111.0.1/24", "fdb1::1/64"], await Stage.Host.AddressesAsync("ours1"));
        var (place, _) = await Stage.ContainerAsync("bare", "ba");
        await place.ReachesAsync("10.111.0.200");
        await stranger.ReachesAsync("fdb1::1");

        _ = (await Stage.Api.RemoveAsync("bare", isForced: true)).Change();
        Assert.NotNull(await Stage.Host.LinkAsync("ours1"));
        Assert.Empty(await Stage.Host.AddressesAsync("ours1"));
        Assert.Equal("ours1", (await Stage.Host.LinkAsync("p1"))!.Value.GetProperty("master").GetString());
    }

    [Fact]
    public async Task The_hosts_own_address_on_the_bridge_and_its_mtu_are_those_of_before()
    {
        await Stage.Host.IpAsync("link add ours9 type bridge");
        await Stage.Host.IpAsync("link set ours9 up");
        await Stage.Host.IpAsync("addr add 10.121.0.1/24 dev ours9");
        var stranger = await StrangerAsync("ours9", "p9", "10.121.0.200/24");
        await Stage.Host.IpAsync("link set p9 mtu 1400");
        await stranger.IpAsync("link set eth0 mtu 1400");
        var before = await MacAndMtuAsync(Stage.Host, "ours9");
        Assert.EndsWith(" 1400", before, StringComparison.Ordinal);
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "own9", Options = Options.Of(("name", "ours9")) });
        foreach (var mac in new[] { "fe:00:00:00:09:01", "02:00:00:00:09:02" })
        {
            var (place, _) = await Stage.ContainerAsync("own9", $"own9-{mac[^1]}", new ConnectRequest { Mac = mac });
            Assert.Equal(before, await MacAndMtuAsync(Stage.Host, "ours9"));
            Assert.Equal($"{mac} 1400", await MacAndMtuAsync(place, "eth0"));
            _ = (await place.RunAsync("ping", "-c", "1", "-W", "2", "-M", "do", "-s", "1372", "10.121.0.200")).Succeeded();
        }

        _ = (await Stage.Api.RemoveAsync("own9", isForced: true)).Change();
        Assert.Equal(before, await MacAndMtuAsync(Stage.Host, "ours9"));

        static async Task<string> MacAndMtuAsync(Place place, string name)
        {
            var link = (await place.LinkAsync(name))!.Value;
            return $"{link.GetProperty("address")} {link.GetProperty("mtu")}";
        }
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", false)]
    [InlineData("0", true)]
    public async Task Published_ports_are_reached_at_127_0_0_1_and_the_bridge_is_left_as_it_was(string before, bool isKilled)
    {
        var (device, name) = ($"oursl{before}{(isKilled ? "k" : string.Empty)}", $"loop{before}{isKilled}");
        await Stage.Host.IpAsync($"link add {device} type bridge");
        _ = (await Stage.Host.RunAsync("sysctl", "-qw", $"net.ipv4.conf.{device}.route_localnet={before}")).Succeeded();
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = name, Subnets = ["10.119.0.0/24"], Options = Options.Of(("name", device)) });
        var (place, _) = await Stage.ContainerAsync(name, $"{name}-a", new ConnectRequest { Publish = ["4711:4711"] });
        Assert.Equal("10.119.0.1", await Talk.TcpAsync(Stage.Host, place, "127.0.0.1"));
        if (isKilled)
        {
            await Stage.RestartAsync(isKilled: true);
            await Stage.AssertNothingDiffersAsync();
        }

        // What no port needs is put back while the network stands.
        _ = (await Stage.Api.DisconnectAsync(name, $"{name}-a")).Change();
        _ = (await Stage.Api.UpdateAsync(name, new UpdateNetworkRequest { Options = Options.Of(("gateway-mode-ipv4", "routed")) })).Change();
        await ShowsAsync(before);
        _ = (await Stage.Api.UpdateAsync(name, new UpdateNetworkRequest { Undo = true })).Change();
        await ShowsAsync("1");
        _ = (await Stage.Api.RemoveAsync(name, isForced: true)).Change();
        await ShowsAsync(before);
        await Stage.RestartAsync(isKilled: true);
        await ShowsAsync(before);

        Task<TimeSpan> ShowsAsync(string value) => Eventually.TrueAsync(
            TimeSpan.FromSeconds(5), async () => await ValueAsync() == value, async () => $"{await ValueAsync()} where {value} is due");

        async Task<string> ValueAsync() => (await Stage.Host.RunAsync("cat", $"/proc/sys/net/ipv4/conf/{device}/route_localnet")).Succeeded().Trim();
    }

    [Fact]
    public async Task A_restart_adopts_the_same_bridge_and_still_does_not_own_it()
    {
        await Stage.Host.IpAsync("link add ours2 type bridge");
        await Stage.Host.IpAsync("addr add 10.112.0.1/24 dev ours2");
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "kept", Options = Options.Of(("name", "ours2")) });
        await Stage.RestartAsync(isKilled: true);
        await Stage.AssertNothingDiffersAsync();
        _ = (await Stage.Api.RemoveAsync("kept")).Change();
        Assert.Equal(["10.112.0.1/24"], await Stage.Host.AddressesAsync("ours2"));
    }

    [Fact]
    public async Task Repair_says_what_it_could_not_mend()
    {
        await Stage.Host.IpAsync("link add ours8 type bridge");
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "lost8", Subnets = ["10.122.0.0/24"], Options = Options.Of(("name", "ours8")) });
        await Stage.Host.IpAsync("link del ours8");
        var left = (await Stage.Api.SendAsync(HttpMethod.Post, "/v1/repair?timeout=10")).As(ApiJson.Default.PlanDocument).Left;
        Assert.Contains("ours8", Assert.Single(left), StringComparison.Ordinal);
        var output = await Stage.NetctlAsync("repair");
        Assert.Equal(1, output.Code);
        Assert.Contains("ours8", output.Error, StringComparison.Ordinal);

        await Stage.Host.IpAsync("link add ours8 type bridge");
        _ = await Eventually.OutputAsync(TimeSpan.FromSeconds(10), () => Stage.NetctlAsync("repair"), static o => o.Code == 0);
        _ = (await Stage.Api.RemoveAsync("lost8")).Change();
    }

    [Fact]
    public async Task A_name_that_is_no_bridge_is_refused()
    {
        await Stage.Host.IpAsync("link add ours3 type veth peer name ours4");
        var error = (await Stage.Api.CreateAsync(new CreateNetworkRequest { Name = "nobridge", Options = Options.Of(("name", "ours3")) })).Refused(409);
        Assert.Equal("link.kind", error.Code);
        Assert.Contains("veth", error.Message, StringComparison.Ordinal);
    }

    private async Task<Place> StrangerAsync(string bridge, string port, params string[] addresses)
    {
        var stranger = await Stage.NamespaceAsync($"stranger-{port}");
        await Stage.Host.IpAsync($"link add {port} master {bridge} type veth peer name eth0 netns {Path.GetFileName(stranger.Path)}");
        await Stage.Host.IpAsync($"link set {port} up");
        await stranger.IpAsync("link set eth0 up");
        foreach (var address in addresses)
        {
            await stranger.IpAsync($"addr add {address} dev eth0{(address.Contains(':', StringComparison.Ordinal) ? " nodad" : string.Empty)}");
        }

        return stranger;
    }

    // Carrier, timers and the hardware address follow the ports; the rest is the owner's.
    private async Task<string> LinkTextAsync(string name)
    {
        var link = (await Stage.Host.LinkAsync(name))!.Value;
        var own = new[] { "mtu", "ifalias", "group" }.Select(f => link.TryGetProperty(f, out var value) ? value.ToString() : "none");
        return string.Join(' ', own.Concat(await Stage.Host.AddressesAsync(name)));
    }
}

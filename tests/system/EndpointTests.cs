using System.Globalization;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>What one endpoint may ask for, as <c>ip -j</c> and the sandbox see it.</summary>
/// <remarks>
/// <code>
///   sandbox, or a foreign namespace by path or process ── eth0 ── bridge ── host
/// </code>
/// </remarks>
public sealed class EndpointTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task Static_addresses_mac_name_and_mtu_are_what_ip_shows()
    {
        var network = await Stage.NetworkAsync(new CreateNetworkRequest
        {
            Name = "asked",
            Subnets = ["10.90.0.0/24", "fd90::/64"],
            Gateways = ["10.90.0.254", "fd90::fe"],
            Options = Options.Of(("mtu", "1400")),
        });
        var (place, endpoint) = await Stage.ContainerAsync("asked", "as", new ConnectRequest
        {
            Ip = "10.90.0.77",
            Ip6 = "fd90::77",
            Mac = "02:42:ac:11:00:77",
            Ifname = "lan7",
        });
        var link = await place.LinkAsync("lan7");
        Assert.NotNull(link);
        Assert.Equal("02:42:ac:11:00:77", link.Value.GetProperty("address").GetString());
        Assert.Equal(1400, link.Value.GetProperty("mtu").GetInt32());
        Assert.Equal(["10.90.0.77/24", "fd90::77/64"], await place.AddressesAsync("lan7"));
        Assert.Equal(["10.90.0.254/24", "fd90::fe/64"], await Stage.Host.AddressesAsync(network.Device));
        Assert.Equal(1400, (await Stage.Host.LinkAsync(endpoint.HostInterface))!.Value.GetProperty("mtu").GetInt32());
        Assert.Equal("10.90.0.254", (await place.IpJsonAsync("route show default"))[0].GetProperty("gateway").GetString());
        Assert.Equal("fd90::fe", (await place.IpJsonAsync("-6 route show default"))[0].GetProperty("gateway").GetString());
        await place.ReachesAsync(Stage.WorldAddress4);
        await place.ReachesAsync(Stage.WorldAddress6);
    }

    [Fact]
    public async Task Interface_names_follow_the_prefix_and_avoid_those_taken()
    {
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "prefixed", Subnets = ["10.91.0.0/24"], Options = Options.Of(("ifname-prefix", "net")) });
        var place = await Stage.NamespaceAsync("prefixed");
        await place.IpAsync("link add net1 type veth peer name other");
        Assert.Equal("net0", (await Stage.ConnectAsync("prefixed", place.Path)).Interface);
        Assert.Equal("net2", (await Stage.ConnectAsync("prefixed", place.Path, new ConnectRequest { Name = "second" })).Interface);
        Assert.Equal(["net0", "net1", "net2", "other"], await place.LinksAsync());
    }

    [Fact]
    public async Task An_endpoint_sysctl_holds_in_the_sandbox()
    {
        _ = await Stage.NetworkAsync("tuned", "10.92.0.0/24");
        var (place, _) = await Stage.ContainerAsync("tuned", "tu", new ConnectRequest
        {
            Ifname = "a.b", // a dot in a name must not become a folder
            Sysctls = Options.Of(("net.ipv4.conf.IFNAME.log_martians", "1")),
            Options = Options.Of(("com.docker.network.endpoint.sysctls", "net.ipv4.neigh.IFNAME.gc_stale_time=77,net.ipv4.conf.IFNAME.rp_filter=2")),
        });
        Assert.Equal("1", place.Sysctl("net/ipv4/conf/a.b/log_martians"));
        Assert.Equal("77", place.Sysctl("net/ipv4/neigh/a.b/gc_stale_time"));
        Assert.Equal("2", place.Sysctl("net/ipv4/conf/a.b/rp_filter"));
    }

    [Fact]
    public async Task An_endpoint_has_its_IPv6_address_though_the_sandbox_has_IPv6_turned_off()
    {
        _ = await Stage.NetworkAsync("off6", "10.89.0.0/24", "fd89::/64");
        var place = await Stage.NamespaceAsync("off6");
        place.SetSysctl("net/ipv6/conf/all/disable_ipv6", "1");
        var endpoint = await Stage.ConnectAsync("off6", place.Path);
        await Stage.Host.ReachesAsync(endpoint.Address6);
        Assert.Equal("1", place.Sysctl("net/ipv6/conf/all/disable_ipv6"));
        Assert.DoesNotContain(await Stage.Api.EventsAsync(), e => e.Type == "scope.error" && e.Message.Contains(endpoint.Id[..12], StringComparison.Ordinal));
        await Stage.AssertNothingDiffersAsync();

        // Turned off again, it is mended.
        place.SetSysctl("net/ipv6/conf/eth0/disable_ipv6", "1");
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(10), async () => (await place.AddressesAsync("eth0")).Any(static a => a.StartsWith("fd89:", StringComparison.Ordinal)), place.SightAsync);
        await Stage.Host.ReachesAsync(endpoint.Address6);
    }

    [Fact]
    public async Task A_sandbox_may_be_a_path_or_a_process_and_is_one_sandbox_by_either()
    {
        _ = await Stage.NetworkAsync("foreign", "10.93.0.0/24", "fd93::/64");
        var place = await Stage.NamespaceAsync("foreign");
        var process = Stage.Keep(new Guest(place));
        var byPath = await Stage.ConnectAsync("foreign", place.Path);
        var byProcess = await Stage.ConnectAsync("foreign", process.Reference, new ConnectRequest { Name = "second" });
        Assert.Equal(byPath.SandboxId, byProcess.SandboxId);
        Assert.Equal(["eth0", "eth1"], await place.LinksAsync());
        await Stage.Host.ReachesAsync(byPath.Address4);
        await Stage.Host.ReachesAsync(byPath.Address6);
        _ = (await Stage.Api.DisconnectAsync("foreign", byProcess.Name)).Change();
        _ = (await Stage.Api.DisconnectAsync("foreign", place.Path)).Change();
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(5), async () => (await place.LinksAsync()).Length == 0, place.SightAsync);
        // It is forgotten once what was in it is gone.
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(10), async () => (await Stage.Api.SandboxesAsync()).All(s => s.Path != place.Path), place.SightAsync);
    }

    [Fact]
    public async Task A_process_of_its_own_namespace_is_connected_by_pid()
    {
        _ = await Stage.NetworkAsync("bypid", "10.94.0.0/24", "fd94::/64");
        var guest = Stage.Keep(await Guest.InNewNamespaceAsync());
        var endpoint = await Stage.ConnectAsync("bypid", guest.Reference);
        var place = new Place("guest", guest.NamespacePath);
        await place.ReachesAsync(Stage.WorldAddress4);
        await place.ReachesAsync(Stage.WorldAddress6);
        await Stage.Host.ReachesAsync(endpoint.Address4);
        Assert.Equal(guest.Id, Assert.Single(await Stage.Api.SandboxesAsync(), s => s.Id == endpoint.SandboxId).ProcessId);
    }

    [Fact]
    public async Task An_address_that_was_given_back_is_free_and_reaches_its_new_holder()
    {
        _ = await Stage.NetworkAsync("again", "10.95.0.0/24", "fd95::/64");
        var (watcher, _) = await Stage.ContainerAsync("again", "ag-w");
        foreach (var round in Enumerable.Range(0, 3))
        {
            var name = $"ag-{round.ToString(CultureInfo.InvariantCulture)}";
            _ = await Stage.ContainerAsync("again", name, new ConnectRequest { Ip = "10.95.0.50", Ip6 = "fd95::50" });
            await watcher.ReachesAsync("10.95.0.50");
            await watcher.ReachesAsync("fd95::50");
            _ = (await Stage.Api.DisconnectAsync("again", name)).Change();
        }

        await Stage.AssertNothingDiffersAsync();
    }
}

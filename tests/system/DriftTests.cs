using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Somebody else breaks something; netd mends it and says what was missing.</summary>
/// <remarks>
/// <code>
///   a, b ── bridge ── host ── world          one of these goes
/// </code>
/// </remarks>
public sealed class DriftTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // how soon, FirewallRepairTests and the benchmarks say

    [Fact]
    public async Task A_flushed_firewall_is_back()
    {
        HostKind.SkipUnlessClean("what others had is flushed for good");
        var (a, _, _) = await OpenAsync("fl", 0);
        var before = await RulesAsync();
        Assert.Contains("masquerade", before, StringComparison.Ordinal);
        var since = await LastEventAsync();
        await Stage.FlushAsync();
        _ = await Eventually.TrueAsync(s_patience, async () => await RulesAsync() == before, RulesAsync);
        await ToldAsync(since, HostBackend.IsIptables ? "NETD-" : "netd");
        Assert.Equal(Stage.HostAddress4, await Talk.TcpAsync(a.Place, Stage.World, Stage.WorldAddress4));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_deleted_rule_and_a_deleted_element_are_back()
    {
        var (_, _, network) = await OpenAsync("el", 1);
        var before = await RulesAsync();
        var since = await LastEventAsync();
        var line = HostBackend.IsIptables ? before.Split('\n').First(l => l.StartsWith("ip -A NETD-INPUT-", StringComparison.Ordinal) && l.Contains(network.Device, StringComparison.Ordinal)) : string.Empty;
        _ = (HostBackend.IsIptables
            ? await Stage.IptablesAsync("sh", "-ec", $"iptables -D {line["ip -A ".Length..]}")
            : await Stage.Host.RunAsync("nft", "delete", "element", "inet", "netd", "bridges", $"{{ \"{network.Device}\" }}")).Succeeded();
        _ = await Eventually.TrueAsync(s_patience, async () => await RulesAsync() == before, RulesAsync);
        await ToldAsync(since, network.Device);
        since = await LastEventAsync();
        _ = (HostBackend.IsIptables
            ? await Stage.IptablesAsync("iptables", "-F", "NETD-FORWARD")
            : await Stage.Host.RunAsync("nft", "flush", "chain", "inet", "netd", "forward")).Succeeded();
        _ = await Eventually.TrueAsync(s_patience, async () => await RulesAsync() == before, RulesAsync);
        await ToldAsync(since, "forward");
    }

    [Fact]
    public async Task A_deleted_host_end_is_made_again_with_the_same_addresses()
    {
        var (a, b, _) = await OpenAsync("ve", 2);
        await MendedAsync(a, b, a.Endpoint.HostInterface, () => Stage.Host.IpAsync($"link del {a.Endpoint.HostInterface}"));
    }

    [Fact]
    public async Task A_deleted_sandbox_end_is_made_again()
    {
        var (a, b, _) = await OpenAsync("vs", 3);
        await MendedAsync(a, b, "eth0", () => a.Place.IpAsync("link del eth0"));
    }

    [Fact]
    public async Task A_deleted_bridge_is_made_again_with_its_ports()
    {
        var (a, b, network) = await OpenAsync("br", 4);
        await MendedAsync(a, b, network.Device, () => Stage.Host.IpAsync($"link del {network.Device}"));
        Assert.Equal(network.Device, (await Stage.Host.LinkAsync(b.Endpoint.HostInterface))!.Value.GetProperty("master").GetString());
        await b.Place.ReachesAsync(Stage.WorldAddress4);
        await b.Place.ReachesAsync(Stage.WorldAddress6);
    }

    [Fact]
    public async Task A_deleted_gateway_address_is_back()
    {
        var (a, b, network) = await OpenAsync("ga", 5);
        await MendedAsync(a, b, network.Ipv4!.Gateway!, () => Stage.Host.IpAsync($"addr del {network.Ipv4.Gateway}/24 dev {network.Device}"));
        await MendedAsync(a, b, network.Ipv6!.Gateway!, () => Stage.Host.IpAsync($"addr del {network.Ipv6.Gateway}/64 dev {network.Device}"));
    }

    [Fact]
    public async Task A_deleted_address_inside_is_back()
    {
        var (a, b, _) = await OpenAsync("ad", 6);
        await MendedAsync(a, b, a.Endpoint.Address4, () => a.Place.IpAsync($"addr del {a.Endpoint.Ipv4} dev eth0"));
        await MendedAsync(a, b, a.Endpoint.Address6, () => a.Place.IpAsync($"addr del {a.Endpoint.Ipv6} dev eth0"));
    }

    [Fact]
    public async Task A_deleted_default_route_inside_is_back()
    {
        var (a, b, _) = await OpenAsync("ro", 7);
        await MendedAsync(a, b, "0.0.0.0/0", () => a.Place.IpAsync("route del default"));
        await MendedAsync(a, b, "::/0", () => a.Place.IpAsync("-6 route del default"));
    }

    [Fact]
    public async Task An_interface_set_down_is_up_again_with_its_routes()
    {
        var (a, b, _) = await OpenAsync("dn", 8);
        await MendedAsync(a, b, "eth0", () => a.Place.IpAsync("link set eth0 down"));
        await MendedAsync(a, b, b.Endpoint.HostInterface, () => Stage.Host.IpAsync($"link set {b.Endpoint.HostInterface} down"));
    }

    [Fact]
    public async Task A_port_taken_out_of_its_bridge_is_put_back()
    {
        var (a, b, _) = await OpenAsync("no", 9);
        await MendedAsync(a, b, a.Endpoint.HostInterface, () => Stage.Host.IpAsync($"link set {a.Endpoint.HostInterface} nomaster"));
    }

    [Fact]
    public async Task A_changed_sysctl_is_mended_by_repair()
    {
        _ = await Stage.NetworkAsync("sy", "10.150.10.0/24");
        var (place, _) = await Stage.ContainerAsync("sy", "sy-a", new ConnectRequest { Sysctls = Options.Of(("net.ipv4.conf.IFNAME.rp_filter", "2")) });
        place.SetSysctl("net/ipv4/conf/eth0/rp_filter", "0");
        Stage.Host.SetSysctl("net/ipv4/ip_forward", "0");
        var shown = (await Stage.Api.SendAsync(HttpMethod.Post, "/v1/repair?dryRun=true")).As(ApiJson.Default.PlanDocument);
        Assert.Contains(shown.Steps, static s => s.Object.EndsWith("eth0/rp_filter", StringComparison.Ordinal));
        Assert.Equal("0", place.Sysctl("net/ipv4/conf/eth0/rp_filter"));
        var plan = (await Stage.Api.SendAsync(HttpMethod.Post, "/v1/repair?timeout=20")).As(ApiJson.Default.PlanDocument);
        Assert.Contains(plan.Steps, static s => s.Object.EndsWith("eth0/rp_filter", StringComparison.Ordinal));
        Assert.Contains(plan.Steps, static s => s.Object.EndsWith("ip_forward", StringComparison.Ordinal));
        Assert.Equal("2", place.Sysctl("net/ipv4/conf/eth0/rp_filter"));
        Assert.Equal("1", Stage.Host.Sysctl("net/ipv4/ip_forward"));
    }

    private async Task<(End A, End B, NetworkDocument Network)> OpenAsync(string name, int number)
    {
        var network = await Stage.NetworkAsync(name, $"10.150.{number}.0/24", $"fd15:{number}::/64");
        var (a, at) = await Stage.ContainerAsync(name, $"{name}-a");
        var (b, bt) = await Stage.ContainerAsync(name, $"{name}-b");
        await a.ReachesAsync(bt.Address4);
        return (new End(a, at), new End(b, bt), network);
    }

    // Breaks, waits for a diff without steps, and probes the whole way in both families.
    private async Task MendedAsync(End a, End b, string named, Func<Task> breakIt)
    {
        var since = await LastEventAsync();
        await breakIt();
        await ToldAsync(since, named);
        _ = await Eventually.TrueAsync(
            s_patience,
            async () => (await Stage.Api.DiffAsync()).Steps.IsEmpty,
            async () => string.Join('\n', (await Stage.Api.DiffAsync()).Steps.Select(static s => s.Text)));
        Assert.Equal([a.Endpoint.Ipv4!, a.Endpoint.Ipv6!], await a.Place.AddressesAsync("eth0"));
        Assert.Equal(a.Endpoint.Mac, (await a.Place.LinkAsync("eth0"))!.Value.GetProperty("address").GetString());
        await a.Place.ReachesAsync(b.Endpoint.Address4);
        await a.Place.ReachesAsync(b.Endpoint.Address6);
        await a.Place.ReachesAsync(Stage.WorldAddress4);
        await a.Place.ReachesAsync(Stage.WorldAddress6);
    }

    private async Task ToldAsync(long since, string named) => _ = await Eventually.TrueAsync(
        s_patience,
        async () => (await Stage.Api.EventsAsync(since)).Any(e => e.Type == "drift.found" && e.Message.Contains(named, StringComparison.Ordinal)),
        async () => $"no drift.found that names {named}:\n{string.Join('\n', (await Stage.Api.EventsAsync(since)).Select(static e => $"{e.Type} {e.Message}"))}");

    private async Task<long> LastEventAsync() => (await Stage.Api.EventsAsync()).Select(static e => e.Sequence).DefaultIfEmpty(0).Max();

    private async Task<string> RulesAsync() => HostBackend.IsIptables
        ? string.Join('\n', (await Stage.IptablesLinesAsync()).Order(StringComparer.Ordinal))
        : (await Stage.Host.RunAsync("nft", "-s", "list", "ruleset")).Text;

    private sealed record End(Place Place, EndpointDocument Endpoint);
}

using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>A network is changed under its endpoints: packets tell when, and the kernel's own tools what.</summary>
/// <remarks>
/// <code>
///   a, b ── bridge ── host ── world        the network's options change, nobody is connected anew
/// </code>
/// </remarks>
public sealed class UpdateTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task Endpoints_stop_talking_and_talk_again_without_being_connected_anew()
    {
        var (a, b) = await OpenAsync("icc", "10.160.0.0/24");
        var links = await IndexesAsync(a, b);
        await a.Place.ReachesAsync(b.Endpoint.Address4);

        _ = await Stage.Api.SetAsync("icc", "icc", "false");
        await a.Place.MissesAsync(b.Endpoint.Address4);
        await a.Place.ReachesAsync(Stage.WorldAddress4);
        _ = await Stage.Api.UndoAsync("icc");
        await a.Place.ReachesAsync(b.Endpoint.Address4);

        Assert.Equal(links, await IndexesAsync(a, b));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task The_mtu_changes_at_both_ends_and_on_the_bridge_and_packets_notice()
    {
        var (a, b) = await OpenAsync("mtu", "10.161.0.0/24");
        var device = (await Stage.Api.NetworkAsync("mtu")).Device;
        Assert.Equal("1500 1500 1500 1500 1500", await MtusAsync());
        await using var flow = await Flow.OpenAsync(a.Place, b.Place, b.Endpoint.Address4, 7000);

        _ = await Stage.Api.SetAsync("mtu", "mtu", "1400");
        Assert.Equal("1400 1400 1400 1400 1400", await MtusAsync());
        Assert.True((await WholeAsync(1400)).IsDone);
        Assert.False((await WholeAsync(1401)).IsDone);

        _ = (await Stage.Api.UpdateAsync("mtu", new UpdateNetworkRequest { RemovedOptions = ["com.docker.network.driver.mtu"] })).Change();
        Assert.Equal("1500 1500 1500 1500 1500", await MtusAsync());
        Assert.True((await WholeAsync(1500)).IsDone);
        await flow.AssertRunsAsync();
        await Stage.AssertNothingDiffersAsync();

        // Unfragmented, and so large with both headers: 20 bytes of IPv4, 8 of ICMP.
        Task<Output> WholeAsync(int bytes) => a.Place.RunAsync(
            "ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", (bytes - 28).ToString(System.Globalization.CultureInfo.InvariantCulture), b.Endpoint.Address4);

        async Task<string> MtusAsync() => string.Join(' ', await Task.WhenAll(
            MtuAsync(Stage.Host, device),
            MtuAsync(Stage.Host, a.Endpoint.HostInterface),
            MtuAsync(Stage.Host, b.Endpoint.HostInterface),
            MtuAsync(a.Place, "eth0"),
            MtuAsync(b.Place, "eth0")));
    }

    [Fact]
    public async Task Masquerading_ends_and_begins_for_new_connections()
    {
        var (a, _) = await OpenAsync("masq", "10.162.0.0/24");
        await Stage.World.IpAsync($"route add 10.162.0.0/24 via {Stage.HostAddress4}");
        Assert.Equal(Stage.HostAddress4, await Talk.TcpAsync(a.Place, Stage.World, Stage.WorldAddress4));
        _ = await Stage.Api.SetAsync("masq", "masquerade", "false");
        Assert.Equal(a.Endpoint.Address4, await Talk.TcpAsync(a.Place, Stage.World, Stage.WorldAddress4));
        _ = await Stage.Api.SetAsync("masq", "com.docker.network.bridge.enable_ip_masquerade", "true");
        Assert.Equal(Stage.HostAddress4, await Talk.TcpAsync(a.Place, Stage.World, Stage.WorldAddress4));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task Ipv6_comes_and_goes_under_a_connection_that_never_breaks()
    {
        var (a, b) = await OpenAsync("six", "10.163.0.0/24");
        var before = await Stage.KernelAsync(a.Place, b.Place);
        await using var inside = await Flow.OpenAsync(a.Place, b.Place, b.Endpoint.Address4, 7000);
        await using var outside = await Flow.OpenAsync(a.Place, Stage.World, Stage.WorldAddress4, 7001);

        _ = (await Stage.Api.UpdateAsync("six", new UpdateNetworkRequest { Subnets = ["fd63::/64"] })).Change();

        var endpoints = (await Stage.Api.SandboxesAsync()).SelectMany(static s => s.Endpoints).Where(static e => e.Network == "six").ToDictionary(static e => e.Id);
        foreach (var (place, endpoint) in new[] { a, b })
        {
            Assert.Contains(endpoints[endpoint.Id].Ipv6!, await place.AddressesAsync("eth0"));
            Assert.Equal("eth0", await place.DefaultDeviceAsync(6));
            await place.ReachesAsync(Stage.WorldAddress6);
        }

        await a.Place.ReachesAsync(endpoints[b.Endpoint.Id].Address6);
        Assert.Equal(Stage.HostAddress6, await Talk.TcpAsync(a.Place, Stage.World, Stage.WorldAddress6));
        var (late, _) = await Stage.ContainerAsync("six", "six-late");
        await late.ReachesAsync(endpoints[b.Endpoint.Id].Address6);
        _ = (await Stage.Api.RemoveSandboxAsync("six-late", isForced: true)).Change();
        await Stage.AssertNothingDiffersAsync();

        _ = await Stage.Api.UndoAsync("six");
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(5), async () => await Stage.KernelAsync(a.Place, b.Place) == before, async () => $"{before}\n\nis now\n\n{await Stage.KernelAsync(a.Place, b.Place)}");
        await inside.AssertRunsAsync();
        await outside.AssertRunsAsync();
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task The_gateway_mode_changes_who_gets_in_by_the_containers_own_address()
    {
        var (a, _) = await OpenAsync("mode", "10.164.0.0/24");
        await Stage.World.IpAsync($"route add 10.164.0.0/24 via {Stage.HostAddress4}");
        await using var server = new Responder(a.Place, 80, "a");
        Assert.Null(await Responder.AskTcpAsync(Stage.World, a.Endpoint.Address4, 80, isExpected: false));
        _ = await Stage.Api.SetAsync("mode", "gateway-mode-ipv4", "nat-unprotected");
        Assert.Equal("a", await Responder.AskTcpAsync(Stage.World, a.Endpoint.Address4, 80));
        _ = await Stage.Api.SetAsync("mode", "gateway-mode-ipv4", "nat");
        Assert.Null(await Responder.AskTcpAsync(Stage.World, a.Endpoint.Address4, 80, isExpected: false));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task All_at_once_is_planned_done_as_planned_and_undone_to_the_same_kernel_state()
    {
        var (a, b) = await OpenAsync("all", "10.165.0.0/24");
        var request = new UpdateNetworkRequest
        {
            Subnets = ["fd65::/64"],
            Options = Options.Of(("mtu", "1400"), ("icc", "false"), ("masquerade", "false"), ("gateway-mode-ipv4", "nat-unprotected")),
            Labels = Options.Of(("team", "web")),
        };

        var device = (await Stage.Api.NetworkAsync("all")).Device;

        // The defaults are said in full from the first change on.
        _ = await Stage.Api.SetAsync("all", "mtu", "1500");
        var before = await Stage.KernelAsync(a.Place, b.Place);
        var planned = await PlannedAsync(request);
        Assert.Equal(before, await Stage.KernelAsync(a.Place, b.Place));
        await AssertOperationsAsync(planned, () => Stage.Api.UpdateAsync("all", request));
        var after = await Stage.KernelAsync(a.Place, b.Place);
        Assert.NotEqual(before, after);
        Assert.Equal("web", (await Stage.Api.NetworkAsync("all")).Labels["team"]);

        var undo = new UpdateNetworkRequest { Undo = true };
        var back = await PlannedAsync(undo);
        await AssertOperationsAsync(back, () => Stage.Api.UpdateAsync("all", undo));
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(5), async () => await Stage.KernelAsync(a.Place, b.Place) == before, async () => $"{before}\n\nis now\n\n{await Stage.KernelAsync(a.Place, b.Place)}");
        Assert.Equal(planned, await PlannedAsync(undo)); // undone twice, it is done again
        await Stage.AssertNothingDiffersAsync();

        async Task<string[]> PlannedAsync(UpdateNetworkRequest change)
        {
            var plan = (await Stage.Api.UpdateAsync("all", change, "?dryRun=true")).Change().Plan;

            // Announcements are no writes, and a sysctl of the bridge itself is let go without one.
            return
            [
                .. plan!.Steps // a dry run answers with its plan
                    .Where(s => s.Verb != "transition" && !(s.Verb == "delete" && s.Text.Contains($"sysctl net/ipv6/conf/{device}/", StringComparison.Ordinal)))
                    .Select(static s => s.Text),
            ];
        }
    }

    [Fact]
    public async Task What_is_refused_names_every_reason_and_changes_nothing()
    {
        var (a, b) = await OpenAsync("no", "10.166.0.0/24");
        _ = (await Stage.Api.UpdatePortsAsync("no", "no-a", ["8166:80"])).Change();
        var before = await Stage.SnapshotAsync(a.Place, b.Place);

        var error = (await Stage.Api.UpdateAsync("no", new UpdateNetworkRequest
        {
            Subnets = ["10.167.0.0/24", "fd67::1/64"],
            Options = Options.Of(("mtuu", "1")),
        })).Refused(400);
        Assert.Contains(error.Details, static p => p.Field == "--subnet");
        error = (await Stage.Api.UpdateAsync("no", new UpdateNetworkRequest { Subnets = ["10.167.0.0/24"], Options = Options.Of(("mtuu", "1"), ("icc", "?")), RemovedLabels = ["x"] })).Refused(400);
        Assert.True(error.Details.Length >= 4, error.ToString());
        error = (await Stage.Api.UpdateAsync("no", new UpdateNetworkRequest { Options = Options.Of(("name", "br9"), ("gateway-mode-ipv4", "routed")) })).Refused(409);
        Assert.Equal(["change.fixed", "change.ports"], error.Details.Select(static p => p.Code));
        Assert.Contains(a.Endpoint.Name, error.Details[1].Message, StringComparison.Ordinal);
        _ = (await Stage.Api.UpdateAsync("nobody", new UpdateNetworkRequest { Ipv6 = true })).Refused(404);

        Assert.Equal(before, await Stage.SnapshotAsync(a.Place, b.Place));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_change_survives_kill_9_and_can_still_be_undone()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        _ = await stage.NetworkAsync("k", "10.168.0.0/24");
        var (place, endpoint) = await stage.ContainerAsync("k", "k-a");
        _ = (await stage.Api.UpdateAsync("k", new UpdateNetworkRequest { Ipv6 = true, Options = Options.Of(("mtu", "1400")) })).Change();
        var after = await stage.KernelAsync(place);
        await stage.RestartAsync(isKilled: true);
        await stage.AssertNothingDiffersAsync();
        Assert.Equal(after, await stage.KernelAsync(place));
        _ = await stage.Api.UndoAsync("k");
        Assert.Equal([endpoint.Ipv4!], await place.AddressesAsync("eth0"));
        Assert.Equal(1500, await MtuAsync(place, "eth0"));
        await stage.AssertNothingDiffersAsync();
    }

    private static async Task<int> MtuAsync(Place place, string link) => (await place.LinkAsync(link))!.Value.GetProperty("mtu").GetInt32(); // it is there

    private async Task<((Place Place, EndpointDocument Endpoint) A, (Place Place, EndpointDocument Endpoint) B)> OpenAsync(string name, string subnet)
    {
        _ = await Stage.NetworkAsync(name, subnet);
        return (await Stage.ContainerAsync(name, $"{name}-a"), await Stage.ContainerAsync(name, $"{name}-b"));
    }

    private async Task<int[]> IndexesAsync(params (Place Place, EndpointDocument Endpoint)[] all)
    {
        var indexes = new List<int>();
        foreach (var (place, endpoint) in all)
        {
            indexes.Add((await place.LinkAsync("eth0"))!.Value.GetProperty("ifindex").GetInt32()); // it is there
            indexes.Add((await Stage.Host.LinkAsync(endpoint.HostInterface))!.Value.GetProperty("ifindex").GetInt32()); // so is its other end
        }

        return [.. indexes];
    }

    // What a change asks of the kernel, counted by the daemon as it is sent: as much as was planned. A request does not wait
    // for what all networks share, such as forwarding.
    private async Task AssertOperationsAsync(string[] planned, Func<Task<Answer>> change)
    {
        var before = await Stage.Api.MetricAsync("netd_kernel_operations_total");
        _ = (await change()).Change();
        double sent = 0;
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(5),
            async () => (sent = await Stage.Api.MetricAsync("netd_kernel_operations_total") - before) == planned.Length,
            () => Task.FromResult($"{sent} operations were sent, planned were {planned.Length}:\n{string.Join('\n', planned)}"));
    }
}

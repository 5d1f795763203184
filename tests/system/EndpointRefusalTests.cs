using System.Globalization;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Wrong requests for endpoints: refused with every problem at once, and nothing is changed in any namespace.</summary>
/// <remarks>
/// <code>
///   box ── eth0 10.170.0.2 ── holder 10.170.0.0/24, fd17::/64
/// </code>
/// </remarks>
public sealed class EndpointRefusalTests(SharedStage shared) : SharedStageTests(shared)
{
    private Place _box = new("box", string.Empty);

    protected override async Task PrepareAsync()
    {
        if (!(await Stage.Api.GetAsync("/v1/networks/holder")).IsDone)
        {
            _ = await Stage.NetworkAsync("holder", "10.170.0.0/24", "fd17::/64");
            _ = await Stage.NetworkAsync("only4", "10.171.0.0/24");
            _ = await Stage.ContainerAsync("holder", "box", new ConnectRequest { Name = "first", Ip = "10.170.0.2", Ip6 = "fd17::2" });
            _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), async () => (await Stage.Api.DiffAsync()).Steps.IsEmpty, Stage.Host.SightAsync);
        }

        _box = _box with { Path = (await Stage.Api.GetAsync("/v1/sandboxes/box")).As(ApiJson.Default.SandboxDocument).Path };
    }

    [Theory]
    [InlineData("10.170.0.2", null, 409, "endpoint first in sandbox box")]
    [InlineData(null, "fd17::2", 409, "endpoint first in sandbox box")]
    [InlineData("10.170.0.1", null, 409, "gateway")]
    [InlineData("10.170.0.0", null, 409, "10.170.0.0/24")]
    [InlineData("10.170.0.255", null, 409, "10.170.0.0/24")]
    [InlineData("10.172.0.9", null, 409, "10.170.0.0/24")]
    [InlineData(null, "fd18::9", 409, "fd17::/64")]
    [InlineData("fd17::9", null, 400, "--ip6")]
    [InlineData("banana", null, 400, "banana")]
    [InlineData("10.170.0", null, 400, "10.170.0")]
    [InlineData("10.170.0.010", null, 400, "10.170.0.010")]
    public async Task A_wrong_address_is_refused(string? ip, string? ip6, int status, string named)
    {
        var error = await RefusedAsync(status, "holder", new ConnectRequest { Sandbox = "box", Name = "second", Ip = ip, Ip6 = ip6 });
        Assert.Contains(named, error.Message + error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_that_is_none_is_refused()
    {
        var file = $"{Stage.Folder}/file";
        await File.WriteAllTextAsync(file, "not a namespace", Eventually.Cancel);
        var pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var path in new[] { file, Stage.Folder, "/run/netns/not-there-at-all", $"/proc/{pid}/ns/mnt", "/dev/null", "/dev/zero", "/" })
        {
            var error = await RefusedAsync(400, "holder", new ConnectRequest { Sandbox = path });
            Assert.Equal("sandbox.path", error.Code);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_namespace_of_the_host_is_refused()
    {
        Assert.Equal("sandbox.host", (await RefusedAsync(400, "holder", new ConnectRequest { Sandbox = Stage.Host.Path })).Code);
        var daemon = $"pid:{Stage.Daemon.Id.ToString(CultureInfo.InvariantCulture)}";
        Assert.Equal("sandbox.host", (await RefusedAsync(400, "holder", new ConnectRequest { Sandbox = daemon })).Code);
    }

    [Theory]
    [InlineData("pid:0")]
    [InlineData("pid:-1")]
    [InlineData("pid:banana")]
    [InlineData("pid:99999999999")]
    [InlineData("docker:abc")]
    [InlineData("")]
    [InlineData("nobody")]
    public async Task A_sandbox_that_is_none_is_refused(string sandbox)
    {
        var answer = await LeftAloneAsync(() => Stage.Api.ConnectAsync("holder", new ConnectRequest { Sandbox = sandbox }));
        Assert.InRange(answer.Status, 400, 404);
        Assert.NotNull(answer.Refused(answer.Status).Hint);
    }

    [Fact]
    public async Task A_process_that_is_gone_is_refused()
    {
        var guest = await Guest.InNewNamespaceAsync();
        var reference = guest.Reference;
        guest.Dispose();
        var error = await RefusedAsync(400, "holder", new ConnectRequest { Sandbox = reference });
        Assert.Equal("sandbox.process", error.Code);
    }

    [Fact]
    public async Task An_interface_name_that_exists_is_refused_be_it_ours_or_theirs()
    {
        Assert.Equal("interface.exists", (await RefusedAsync(409, "holder", new ConnectRequest { Sandbox = "box", Ifname = "eth0" })).Code);
        var place = await Stage.NamespaceAsync($"theirs{Random.Shared.Next():x}");
        await place.IpAsync("link add wan0 type veth peer name wan1");
        var error = await RefusedAsync(409, "holder", new ConnectRequest { Sandbox = place.Path, Ifname = "wan0" }, place);
        Assert.Contains("wan0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_problems_are_named_at_once()
    {
        var error = await RefusedAsync(400, "only4", new ConnectRequest
        {
            Sandbox = "/not/there",
            Name = "not a name",
            Aliases = ["ok", "n/k"],
            Ip = "banana",
            Ip6 = "fd17::9",
            Mac = "01:00:5e:00:00:01",
            Ifname = "far-too-long-for-a-link",
            Sysctls = Options.Of(("net.ipv4.conf.eth0.rp_filter", "1"), ("kernel.hostname", "x"), ("net.ipv4.conf.IFNAME.rp_filter", ""), ("net.ipv6.conf.IFNAME.nope", "1")),
            Options = Options.Of(("com.docker.network.advertise_addr_nmsgs", "9"), ("com.docker.network.advertise_addr_m", "200")),
        });
        string[] expected =
        [
            "sandbox.path", "name.invalid", "alias.invalid", "address.invalid", "address.family-off", "mac.invalid", "ifname.invalid",
            "sysctl.name", "sysctl.value", "sysctl.unknown", "option.value", "option.unknown",
        ];
        Assert.Empty(expected.Except(error.Details.Select(static p => p.Code)));
        Assert.Equal(2, error.Details.Count(static p => p.Code == "sysctl.name"));
    }

    [Fact]
    public async Task Claims_that_are_not_granted_are_named_at_once()
    {
        var error = await RefusedAsync(409, "holder", new ConnectRequest
        {
            Sandbox = "box",
            Name = "first",
            Ip = "10.170.0.2",
            Ip6 = "fd18::1",
            Ifname = "eth0",
        });
        string[] expected = ["endpoint.exists", "interface.exists", "address.taken", "address.outside"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), error.Details.Select(static p => p.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_by_itself_hides_nothing_that_others_have()
    {
        const int port = 4170;
        using var taken = Stage.Host.Listen("0.0.0.0", port);
        var error = await RefusedAsync(400, "holder", new ConnectRequest
        {
            Sandbox = "box",
            Name = "first",
            Ip = "10.172.0.9",
            Ip6 = "fd17::2::",
            Mac = "banana",
            Ifname = "eth0",
            Publish = [string.Create(CultureInfo.InvariantCulture, $"{port}:80"), "0:80", "8080:80:80:80"],
            Options = Options.Of(("com.docker.network.advertise_addr_nmsgs", "many")),
        });
        string[] expected =
        [
            "address.invalid", "mac.invalid", "publish.port", "publish.address", "option.value", "port.taken", "endpoint.exists", "interface.exists", "address.outside",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), error.Details.Select(static p => p.Code).Order(StringComparer.Ordinal));
        Assert.All(error.Details, static p => Assert.NotNull(p.Field));
    }

    [Fact]
    public async Task Claims_are_judged_though_the_sandbox_cannot_be_told()
    {
        var error = await RefusedAsync(400, "holder", new ConnectRequest { Sandbox = "/not/there", Name = "first", Ip = "10.170.0.2", Publish = ["192.0.2.77:80:80"] });
        string[] expected = ["sandbox.path", "publish.address", "endpoint.exists", "address.taken"];
        Assert.Equal(expected, error.Details.Select(static p => p.Code));
    }

    [Fact]
    public async Task A_change_that_is_wrong_by_itself_hides_nothing_that_others_have()
    {
        using var taken = Stage.Host.Listen("0.0.0.0", 4171);
        var change = new UpdateEndpointRequest { Sandbox = "box", Publish = ["0:80", "4171:80"], Unpublish = ["9:9:9", "99/tcp"], Dns = ["nobody"] };
        var error = (await LeftAloneAsync(() => Stage.Api.UpdateEndpointAsync("holder", change))).Refused(400);
        Assert.Equal(["publish.port", "unpublish.invalid", "dns.server", "port.taken", "port.unpublished"], error.Details.Select(static p => p.Code));
        error = (await LeftAloneAsync(() => Stage.Api.UpdateEndpointAsync("holder", change with { Sandbox = "nobody" }))).Refused(404);
        Assert.Equal(["publish.port", "unpublish.invalid", "dns.server", "endpoint.unknown"], error.Details.Select(static p => p.Code));
    }

    [Fact]
    public async Task A_second_endpoint_on_a_network_is_told_apart_or_refused()
    {
        var error = await RefusedAsync(409, "holder", new ConnectRequest { Sandbox = "box" });
        Assert.Equal("endpoint.connected", error.Code);
        Assert.Contains("endpoint first, interface eth0, 10.170.0.2 and fd17::2", error.Message, StringComparison.Ordinal);
        Assert.Contains("netctl disconnect holder box", error.Hint, StringComparison.Ordinal);
        var second = await Stage.ConnectAsync("holder", "box", new ConnectRequest { Ifname = "eth7" });
        _ = (await Stage.Api.DisconnectAsync("holder", second.Name)).Change();
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), async () => (await _box.LinksAsync()) is ["eth0"], _box.SightAsync);
    }

    [Fact]
    public async Task A_hardware_address_is_given_once_on_a_network()
    {
        const string mac = "02:42:0a:aa:00:07";
        var (place, _) = await Stage.ContainerAsync("holder", "box2", new ConnectRequest { Name = "owner", Mac = mac });
        var error = await RefusedAsync(409, "holder", new ConnectRequest { Sandbox = "box", Name = "second", Mac = mac }, place);
        Assert.Equal("mac.taken", error.Code);
        Assert.Contains("endpoint owner in sandbox box2 on network holder", error.Message, StringComparison.Ordinal);
        var bridge = await Stage.Api.NetworkAsync("holder");
        error = await RefusedAsync(409, "holder", new ConnectRequest { Sandbox = "box", Name = "second", Mac = (await Stage.Host.LinkAsync(bridge.Device))!.Value.GetProperty("address").GetString() });
        Assert.Contains($"device {bridge.Device} of network holder", error.Message, StringComparison.Ordinal);

        // Elsewhere it is free, and here too once its holder is gone.
        _ = await Stage.ConnectAsync("only4", "box", new ConnectRequest { Mac = mac });
        _ = (await Stage.Api.DisconnectAsync("only4", "box")).Change();
        _ = (await Stage.Api.RemoveSandboxAsync("box2", isForced: true)).Change();
        var second = await Stage.ConnectAsync("holder", "box", new ConnectRequest { Name = "second", Mac = mac });
        _ = (await Stage.Api.DisconnectAsync("holder", second.Name)).Change();
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), async () => (await _box.LinksAsync()) is ["eth0"], _box.SightAsync);
    }

    [Fact]
    public async Task A_full_subnet_says_so()
    {
        _ = await Stage.NetworkAsync("tiny", "10.173.0.0/30");
        _ = await Stage.ConnectAsync("tiny", "box");
        Assert.Equal("address.exhausted", (await RefusedAsync(409, "tiny", new ConnectRequest { Sandbox = "box", Name = "second" })).Code);
        _ = (await Stage.Api.RemoveAsync("tiny", isForced: true)).Change();
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), async () => (await _box.LinksAsync()) is ["eth0"], _box.SightAsync);
    }

    [Fact]
    public async Task Unknown_networks_and_endpoints_are_not_found()
    {
        _ = await RefusedAsync(404, "nobody", new ConnectRequest { Sandbox = "box" });
        Assert.Equal(404, (await LeftAloneAsync(() => Stage.Api.DisconnectAsync("only4", "box"))).Status);
        Assert.Equal(404, (await LeftAloneAsync(() => Stage.Api.DisconnectAsync("nobody", "box"))).Status);
        Assert.Equal(404, (await LeftAloneAsync(() => Stage.Api.RemoveSandboxAsync("/run/netns/nobody"))).Status);
    }

    private async Task<ErrorDocument> RefusedAsync(int status, string network, ConnectRequest request, Place? other = null) =>
        (await LeftAloneAsync(() => Stage.Api.ConnectAsync(network, request), other)).Refused(status);

    private async Task<Answer> LeftAloneAsync(Func<Task<Answer>> ask, Place? other = null)
    {
        Place[] places = other is null ? [_box] : [_box, other];
        var before = await Stage.SnapshotAsync(places);
        var answer = await ask();
        Assert.Equal(before, await Stage.SnapshotAsync(places));
        return answer;
    }
}

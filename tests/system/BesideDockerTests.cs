using System.Net;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>
/// Docker's bridges and rules beside ours: each guards its own, neither gets in the other's way, and whoever comes first makes
/// no difference. The rules are those of Docker Engine 20.10, in the order in which it makes them.
/// </summary>
/// <remarks>
/// <code>
///   world ── uplink ── host ── docker0 (172.17.0.1) ── docker (172.17.0.2, tcp and udp 80 open)
///                       └── bridge ── container
/// </code>
/// </remarks>
public sealed class BesideDockerTests
{
    private const string Theirs = "172.17.0.2";
    private const string Ours = "10.99.0.0/24";
    private const string Forward4 = "net/ipv4/ip_forward";

    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Sandboxes_reach_of_Dockers_containers_what_Docker_opens_and_nothing_else()
    {
        SkipWhereRulesAreNotSeen();
        await using var stage = await Stage.OpenAsync(before: static async stage =>
        {
            stage.Host.SetSysctl(Forward4, "0");
            await StartDockerAsync(stage);
            return true;
        });
        var docker = await DockerContainerAsync(stage, "docker0", "172.17.0.1", Theirs);
        var (ours, endpoint) = await OursAsync(stage);
        await AllWorksAsync(stage, docker, ours, endpoint);

        // docker network create
        await BridgeAsync(stage, "br-later", "172.18.0.1");
        var later = await DockerContainerAsync(stage, "br-later", "172.18.0.1", "172.18.0.2");
        await later.ReachesAsync(Stage.WorldAddress4);
        await Eventually.TrueAsync(
            s_within,
            async () => !(await ours.PingAsync("172.18.0.2")).IsDone,
            async () => $"a sandbox reaches what is behind a bridge of Docker's that came later\n{await stage.Host.SightAsync()}");
        await ours.MissesAsync("172.18.0.2");
        await ours.ReachesAsync(Stage.WorldAddress4);
    }

    [Fact]
    public async Task Docker_that_comes_later_works_and_goes_on_when_our_last_network_goes()
    {
        SkipWhereRulesAreNotSeen();
        await using var stage = await Stage.OpenAsync(before: static stage =>
        {
            stage.Host.SetSysctl(Forward4, "0");
            return Task.FromResult(true);
        });
        var (ours, endpoint) = await OursAsync(stage);
        Assert.Equal("1", stage.Host.Sysctl(Forward4));
        await stage.World.IpAsync($"route add 203.0.113.0/24 via {Stage.HostAddress4}");
        var stranger = await DockerContainerAsync(stage, "stranger", "203.0.113.1", "203.0.113.9", makesBridge: true); // a bridge that nobody has rules for

        await StartDockerAsync(stage); // it finds forwarding on, and leaves the policy alone
        var docker = await DockerContainerAsync(stage, "docker0", "172.17.0.1", Theirs);
        await docker.ReachesAsync(Stage.WorldAddress4);
        await AllWorksAsync(stage, docker, ours, endpoint, isPolicyDrop: false);
        await stranger.MissesAsync(Stage.WorldAddress4); // netd turned forwarding on, and not for everybody

        _ = (await stage.Api.RemoveAsync("beside", isForced: true)).Change();
        _ = await Eventually.OutputAsync(
            s_within, () => stage.Host.RunAsync("nft", "list", "ruleset"), static o => !o.Text.Contains(HostBackend.IsIptables ? "NETD-" : "table inet netd", StringComparison.Ordinal));
        Assert.Equal("1", stage.Host.Sysctl(Forward4));
        await docker.ReachesAsync(Stage.WorldAddress4);
    }

    private static void SkipWhereRulesAreNotSeen() =>
        Assert.SkipWhen(HostBackend.IsIptables && HostBackend.Variant == "legacy", "needs nf_tables, to read the rules of others");

    private static async Task<(Place Place, EndpointDocument Endpoint)> OursAsync(Stage stage)
    {
        _ = await stage.NetworkAsync("beside", Ours);
        var (place, endpoint) = await stage.ContainerAsync("beside", "c", new ConnectRequest { Publish = ["8080:80", "8080:80/udp"], Expose = "world" });
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any], 80));
        return (place, endpoint);
    }

    private static async Task AllWorksAsync(Stage stage, Place docker, Place ours, EndpointDocument endpoint, bool isPolicyDrop = true)
    {
        _ = stage.Keep(Answerer.Open(docker, [IPAddress.Any], 80));
        _ = stage.Keep(Answerer.Open(docker, [IPAddress.Any], 81));
        await ours.ReachesAsync(Stage.WorldAddress4);
        await docker.ReachesAsync(Stage.WorldAddress4);
        var source = endpoint.Address4!.Split('/')[0];
        await Reach.SeenAsync(
            (ours, Theirs, 80, "172.17.0.1"), // open in Docker's chain; masqueraded by us
            (ours, Theirs, 81, isPolicyDrop ? Reach.Nothing : "172.17.0.1"),
            (docker, source, 80, Reach.Nothing),
            (docker, Stage.HostAddress4, 8080, "10.99.0.1"), // published; masqueraded by Docker
            (stage.World, Stage.HostAddress4, 8080, Stage.WorldAddress4));
        await docker.MissesAsync(source);
        if (isPolicyDrop)
        {
            await ours.MissesAsync(Theirs);
        }
    }

    // dockerd 20.10, started where the host does not forward, or does already.
    private static async Task StartDockerAsync(Stage stage)
    {
        var wasOn = stage.Host.Sysctl(Forward4) == "1";
        await stage.Host.IpAsync("link add docker0 type bridge");
        await stage.Host.IpAsync("addr add 172.17.0.1/16 dev docker0");
        await stage.Host.IpAsync("link set docker0 up");
        stage.Host.SetSysctl(Forward4, "1");
        if (!wasOn)
        {
            await IptablesAsync(stage, "-P FORWARD DROP");
        }

        foreach (var line in new[]
        {
            "-t nat -N DOCKER",
            "-N DOCKER",
            "-N DOCKER-ISOLATION-STAGE-1",
            "-N DOCKER-ISOLATION-STAGE-2",
            "-N DOCKER-USER",
            "-A DOCKER-USER -j RETURN",
            "-A DOCKER-ISOLATION-STAGE-1 -j RETURN",
            "-A DOCKER-ISOLATION-STAGE-2 -j RETURN",
        })
        {
            await IptablesAsync(stage, line);
        }

        await BridgeRulesAsync(stage, "docker0", "172.17.0.0/16");
        await IptablesAsync(stage, "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER");
        await IptablesAsync(stage, "-I FORWARD -j DOCKER-ISOLATION-STAGE-1");
        await IptablesAsync(stage, "-I FORWARD -j DOCKER-USER");
        foreach (var protocol in new[] { "tcp", "udp" })
        {
            await IptablesAsync(stage, $"-A DOCKER -d {Theirs}/32 ! -i docker0 -o docker0 -p {protocol} -m {protocol} --dport 80 -j ACCEPT");
        }
    }

    private static async Task BridgeAsync(Stage stage, string bridge, string address)
    {
        await stage.Host.IpAsync($"link add {bridge} type bridge");
        await stage.Host.IpAsync($"addr add {address}/16 dev {bridge}");
        await stage.Host.IpAsync($"link set {bridge} up");
        await BridgeRulesAsync(stage, bridge, $"{address}/16");
    }

    private static async Task BridgeRulesAsync(Stage stage, string bridge, string subnet)
    {
        foreach (var line in new[]
        {
            $"-t nat -I POSTROUTING -s {subnet} ! -o {bridge} -j MASQUERADE",
            $"-t nat -I DOCKER -i {bridge} -j RETURN",
            $"-I FORWARD -i {bridge} -o {bridge} -j ACCEPT",
            $"-I FORWARD -i {bridge} ! -o {bridge} -j ACCEPT",
            $"-I FORWARD -o {bridge} -j DOCKER",
            $"-I FORWARD -o {bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            $"-I DOCKER-ISOLATION-STAGE-1 -i {bridge} ! -o {bridge} -j DOCKER-ISOLATION-STAGE-2",
            $"-I DOCKER-ISOLATION-STAGE-2 -o {bridge} -j DROP",
        })
        {
            await IptablesAsync(stage, line);
        }
    }

    private static async Task IptablesAsync(Stage stage, string line) =>
        _ = (await stage.IptablesAsync("iptables", line.Split(' '))).Succeeded();

    private static async Task<Place> DockerContainerAsync(Stage stage, string bridge, string gateway, string address, bool makesBridge = false)
    {
        if (makesBridge)
        {
            await stage.Host.IpAsync($"link add {bridge} type bridge");
            await stage.Host.IpAsync($"addr add {gateway}/24 dev {bridge}");
            await stage.Host.IpAsync($"link set {bridge} up");
        }

        var place = await stage.NamespaceAsync($"on-{bridge}");
        await stage.Host.IpAsync($"link add v-{bridge} type veth peer name eth0 netns {Path.GetFileName(place.Path)}");
        await stage.Host.IpAsync($"link set v-{bridge} master {bridge} up");
        await place.IpAsync($"addr add {address}/24 dev eth0");
        await place.IpAsync("link set eth0 up");
        await place.IpAsync($"route add default via {gateway}");
        return place;
    }
}

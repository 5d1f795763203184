using System.Net;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Beside the real ufw and the real firewalld: what they let pass, and what netd says to do is done and works.</summary>
/// <remarks>
/// <code>
///   world ── uplink ── host, ufw or firewalld ──┬── both   10.99.1.0/24, fd99:1::/64 ── container, port 80
///                                               ├── four   10.99.2.0/24              ── container, by netd's forwarder for IPv6
///                                               └── routed 10.99.3.0/24, fd99:3::/64 ── container
/// </code>
/// </remarks>
public sealed class FirewallToolTests
{
    private const int ToBoth = 8080;
    private const int ToFour = 8090;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task With_ufw_ports_for_the_world_pass_by_our_rule_and_the_others_by_the_command_that_is_shown()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/ufw"), "needs ufw");
        await using var stage = await Stage.OpenAsync(before: static async stage =>
        {
            _ = (await UfwAsync(stage, "ufw --force enable")).Succeeded();
            return true;
        });
        var (both, _) = await OpenAsync(stage, "both", 1, ToBoth);
        _ = await OpenAsync(stage, "four", 2, ToFour);
        _ = (await stage.Api.UpdatePortsAsync("both", "both-c", ["8081:80", "8081:80/udp"])).Change(); // for the default: lan
        await SeesAsync(stage, both, seenOfForwarder: Reach.Nothing);
        await Reach.SeenAsync((stage.World, Stage.HostAddress4, 8081, Reach.Nothing), (stage.World, Stage.HostAddress6, 8081, Reach.Nothing));
        foreach (var command in await ObstaclesAsync(stage, "four", ": ufw "))
        {
            _ = (await UfwAsync(stage, command)).Succeeded();
        }

        await SeesAsync(stage, both, seenOfForwarder: "10.99.2.1");
        _ = (await UfwAsync(stage, "ufw reload")).Succeeded();
        await SeesAsync(stage, both, seenOfForwarder: "10.99.2.1");
    }

    [Fact]
    public async Task With_firewalld_published_ports_pass_at_once_and_the_rest_by_the_commands_that_are_shown()
    {
        FirewallDaemon? firewalld = null;
        await using var stage = await Stage.OpenAsync(before: async stage =>
        {
            firewalld = await FirewallDaemon.StartAsync(stage);
            return true;
        });
        var (both, _) = await OpenAsync(stage, "both", 1, ToBoth);
        _ = await OpenAsync(stage, "four", 2, ToFour);
        var (routed, direct) = await OpenAsync(stage, "routed", 3, 80, ("gateway-mode-ipv4", "routed"), ("gateway-mode-ipv6", "routed"));
        var answerer = stage.Keep(Answerer.Open(stage.World, [IPAddress.Any, IPAddress.IPv6Any], 80));

        // It accepts what was translated, by itself.
        await Reach.SeenAsync(
            (stage.World, Stage.HostAddress4, ToBoth, Stage.WorldAddress4),
            (stage.World, Stage.HostAddress6, ToBoth, Stage.WorldAddress6),
            (stage.World, Stage.HostAddress6, ToFour, Reach.Nothing),
            (stage.World, direct.Address4, 80, Reach.Nothing),
            (both, Stage.WorldAddress4, 80, Reach.Nothing));
        var kernel = (await stage.Api.PortsAsync()).Where(static p => p.Network == "both");
        Assert.All(kernel, static p => Assert.Empty(p.Obstacles));
        foreach (var command in await ObstaclesAsync(stage, "four", ": firewall-cmd "))
        {
            _ = (await firewalld!.RunAsync(command)).Succeeded(); // started above
        }

        var doctor = (await stage.Api.GetAsync("/v1/doctor")).As(ApiJson.Default.DoctorDocument);
        var check = Assert.Single(doctor.Checks, static c => c.Name == "foreign firewalls");
        Assert.Contains("but for published ports", check.Message, StringComparison.Ordinal);
        foreach (var name in new[] { "both", "four", "routed" })
        {
            var command = check.Hint!.Split(';')[0].Replace("BRIDGE", (await stage.Api.NetworkAsync(name)).Device, StringComparison.Ordinal); // a warning has a hint
            _ = (await firewalld!.RunAsync(command)).Succeeded();
        }

        var inward = (await ObstaclesAsync(stage, "routed", ": firewall-cmd "))[0].Replace("BRIDGE", (await stage.Api.NetworkAsync("routed")).Device, StringComparison.Ordinal);
        _ = (await firewalld!.RunAsync(inward)).Succeeded();
        await SeesAsync(stage, both, seenOfForwarder: "10.99.2.1");
        await Reach.SeenAsync(
            (stage.World, direct.Address4, 80, Stage.WorldAddress4),
            (stage.World, direct.Address6, 80, Stage.WorldAddress6),
            (both, Stage.WorldAddress4, 80, Stage.HostAddress4),
            (both, Stage.WorldAddress6, 80, Stage.HostAddress6),
            (routed, Stage.WorldAddress4, 80, direct.Address4));
        answerer.Dispose();
    }

    // A real ufw command, with files of the stage's own instead of the machine's.
    private static Task<Output> UfwAsync(Stage stage, string command) => Tool.RunAsync(
        TimeSpan.FromSeconds(60),
        null,
        "nsenter",
        $"--net={stage.Host.Path}",
        "unshare",
        "--mount",
        "sh",
        "-ec",
        $"""
        [ -e {stage.Folder}/ufw ] || cp -r /etc/ufw {stage.Folder}/ufw
        [ -e {stage.Folder}/ufw.default ] || cp /etc/default/ufw {stage.Folder}/ufw.default
        mount --bind {stage.Folder}/ufw /etc/ufw
        mount --bind {stage.Folder}/ufw.default /etc/default/ufw
        mount -t tmpfs tmpfs /run
        exec {command}
        """);

    private static async Task<(Place Place, EndpointDocument Endpoint)> OpenAsync(
        Stage stage, string name, int number, int port, params (string Key, string Value)[] options)
    {
        string[] subnets = name == "four" ? [$"10.99.{number}.0/24"] : [$"10.99.{number}.0/24", $"fd99:{number}::/64"];
        _ = await stage.NetworkAsync(new CreateNetworkRequest { Name = name, Subnets = [.. subnets], Options = Options.Of(options) });
        await stage.World.IpAsync($"route add 10.99.{number}.0/24 via {Stage.HostAddress4}");
        await stage.World.IpAsync($"route add fd99:{number}::/64 via {Stage.HostAddress6}");
        var (place, endpoint) = await stage.ContainerAsync(
            name, $"{name}-c", new ConnectRequest { Publish = [$"{port}:80", $"{port}:80/udp"], Expose = "world" });
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any, IPAddress.IPv6Any], 80));
        return (place, endpoint);
    }

    private static Task SeesAsync(Stage stage, Place both, string seenOfForwarder) => Reach.SeenAsync(
        (stage.World, Stage.HostAddress4, ToBoth, Stage.WorldAddress4),
        (stage.World, Stage.HostAddress6, ToBoth, Stage.WorldAddress6),
        (stage.World, Stage.HostAddress4, ToFour, Stage.WorldAddress4),
        (stage.World, Stage.HostAddress6, ToFour, seenOfForwarder),
        (both, Stage.HostAddress4, ToFour, "10.99.2.1"));

    // The commands that `netctl ports` shows for a network's ports, each once.
    private static async Task<string[]> ObstaclesAsync(Stage stage, string network, string before)
    {
        string[] commands = [];
        _ = await Eventually.TrueAsync(
            s_patience,
            async () => (commands =
            [
                .. (await stage.Api.PortsAsync()).Where(p => p.Network == network).SelectMany(static p => p.Obstacles)
                    .Where(o => o.Contains(before, StringComparison.Ordinal)).Select(o => o[(o.IndexOf(before, StringComparison.Ordinal) + 2)..]).Distinct(),
            ]).Length > 0,
            () => Task.FromResult($"no port of {network} says what stands in its way"));
        return commands;
    }
}

using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Host ports on the real daemon: who has them, what is chosen, what keeps them, what it costs.</summary>
/// <remarks>
/// <code>
///   host ports ── sockets of netd, elements of its maps ── endpoints
/// </code>
/// </remarks>
public sealed class PublishTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Every_conflict_is_named_at_once_with_its_holder_and_nothing_is_changed()
    {
        _ = await Stage.NetworkAsync("con", "10.170.0.0/24", "fd70::/64");
        _ = await Stage.ContainerAsync("con", "con-a", new ConnectRequest { Name = "web", Publish = ["8170:80", "8163:80/udp", "8181:81/udp"] });
        var b = await Stage.SandboxAsync("con-b");
        using var foreign = Stage.Host.Listen("0.0.0.0", 9170);
        var before = await Stage.SnapshotAsync(b);

        var error = (await Stage.Api.ConnectAsync("con", new ConnectRequest
        {
            Sandbox = "con-b",
            Publish = ["8170:80", "9170:80", "203.0.113.9:7170:80", "6170:80", "127.0.0.1:6170:81", "8160-8185:8160-8185/udp"],
        })).Refused(409);

        var told = string.Join('\n', error.Details.Select(static p => p.Message));
        Assert.Contains("belongs to endpoint web in sandbox con-a on network con", told, StringComparison.Ordinal);
        Assert.Contains("which has published 8163, 8181", told, StringComparison.Ordinal); // everyone in the way of a range
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"9170/tcp is in use by process"), told, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"(pid {Environment.ProcessId})"), told, StringComparison.Ordinal);
        Assert.Contains("203.0.113.9 is not an address of this host", told, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:6170/tcp is asked for twice", told, StringComparison.Ordinal);
        Assert.Equal(before, await Stage.SnapshotAsync(b));
        Assert.DoesNotContain("6170", await ListeningAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chosen_port_is_the_same_in_both_families_and_one_of_a_range_is_a_free_one()
    {
        _ = await Stage.NetworkAsync("dyn", "10.171.0.0/24", "fd71::/64");
        using var foreign = Stage.Host.Listen("::", 8171);
        var (_, endpoint) = await Stage.ContainerAsync("dyn", "dyn-a", new ConnectRequest { Publish = ["80", "90-91", "8171-8173:70"] });
        var local = Stage.Host.Sysctl("net/ipv4/ip_local_port_range").Split('\t').Select(static n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        foreach (var target in new[] { ":80", ":90-91", ":70" })
        {
            var ports = endpoint.Ports.Where(p => p.Target.EndsWith(target, StringComparison.Ordinal)).ToArray();
            Assert.Equal(["0.0.0.0", "::"], ports.Select(static p => p.HostAddress).Order(StringComparer.Ordinal));
            var chosen = Assert.Single(ports.Select(static p => p.HostPorts).Distinct());
            var first = int.Parse(chosen.Split('-')[0], CultureInfo.InvariantCulture);
            Assert.True(target == ":70" ? first == 8172 : first >= local[0] && first <= local[1], $"{target} got {chosen}");
        }

        var (_, next) = await Stage.ContainerAsync("dyn", "dyn-b", new ConnectRequest { Publish = ["8171-8173:70"] });
        Assert.All(next.Ports, static p => Assert.Equal("8173", p.HostPorts));
        var full = (await Stage.Api.ConnectAsync("dyn", new ConnectRequest { Sandbox = "dyn-b", Name = "second", Publish = ["8171-8173:70"] })).Refused(409);
        Assert.Equal("publish.exhausted", Assert.Single(full.Details).Code);
    }

    [Fact]
    public async Task Ten_thousand_equal_ports_are_one_element_a_family_and_the_answer_says_what_is_not_reserved()
    {
        _ = await Stage.NetworkAsync("big", "10.172.0.0/24", "fd72::/64");
        _ = await Stage.SandboxAsync("big-a");
        var change = (await Stage.Api.ConnectAsync("big", new ConnectRequest { Sandbox = "big-a", Publish = ["20000-29999:20000-29999"] })).Change();
        Assert.Equal(2, change.Warnings.Length);
        Assert.Contains(change.Warnings, static w => w.StartsWith("10000 host ports are more than the 1024 that sockets keep", StringComparison.Ordinal));
        Assert.Contains(change.Warnings, static w => w.StartsWith("host ports [::]:20000-29999/tcp are not reached from ::1", StringComparison.Ordinal));
        foreach (var map in new[] { "lan_ranges4", "lan_ranges6" })
        {
            Assert.Equal(1, await CountAsync(map, "20000"));
        }

        var taken = (await Stage.Api.ConnectAsync("big", new ConnectRequest { Sandbox = "big-a", Name = "second", Publish = ["25000:25000"] })).Refused(409);
        Assert.Contains("has published 20000-29999", taken.Details[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_shifted_ports_are_one_batch_and_no_process()
    {
        _ = await Stage.NetworkAsync("many", "10.173.0.0/24", "fd73::/64");
        var (_, _) = await Stage.ContainerAsync("many", "many-a", new ConnectRequest { Publish = ["9999:80"] });
        var elements = await CountAsync("lan_any4", "tcp");
        var (batches, operations) = (await Stage.Api.MetricAsync("netd_kernel_batches_total"), await Stage.Api.MetricAsync("netd_kernel_operations_total"));
        var change = (await Stage.Api.UpdatePortsAsync(
            "many", "many-a", [.. Enumerable.Range(0, 1000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"{10000 + i}:{1000 + i}"))])).Change();
        Assert.Equal(2002, change.Endpoint!.Ports.Length); // an answer to a change of an endpoint has it
        Assert.Equal(1, await Stage.Api.MetricAsync("netd_kernel_batches_total") - batches);
        Assert.Equal(2000, await Stage.Api.MetricAsync("netd_kernel_operations_total") - operations);
        Assert.Equal(elements + 1000, await CountAsync("lan_any4", "tcp"));
        Assert.Empty(Directory.GetDirectories($"/proc/{Stage.Daemon.Id}/task").SelectMany(static t => File.ReadAllText($"{t}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        _ = (await Stage.Api.DisconnectAsync("many", "many-a")).Change();
        Assert.Equal(elements - 1, await CountAsync("lan_any4", "tcp"));
    }

    [Fact]
    public async Task A_restart_keeps_ports_and_tells_of_one_that_was_stolen_meanwhile()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        _ = await stage.NetworkAsync("keep", "10.174.0.0/24");
        _ = await stage.ContainerAsync("keep", "keep-a", new ConnectRequest { Name = "web", Publish = ["8174:80", "127.0.0.1:8175:80/udp", "8176:80"] });
        _ = await stage.ContainerAsync("keep", "keep-b", new ConnectRequest { Name = "large", Publish = ["0.0.0.0:20000-21499:20000-21499"] });
        _ = (await stage.Api.UpdatePortsAsync("keep", "keep-b", ["0.0.0.0:8178:80"])).Change(); // kept, beside more than a request may keep
        var before = await ListeningAsync(stage);
        Assert.Contains("8174", before, StringComparison.Ordinal);
        Assert.Contains("8178", before, StringComparison.Ordinal);
        Assert.Equal(["20000-21499"], await UnkeptAsync());
        await stage.RestartAsync(isKilled: true);
        Assert.Equal(before, await ListeningAsync(stage));
        Assert.Equal(["20000-21499"], await UnkeptAsync());

        await stage.Daemon.KillAsync();
        using var thief = stage.Host.Listen("0.0.0.0", 8176);
        await stage.StartAsync();
        var told = Assert.Single(await stage.Api.EventsAsync(), static e => e.Type == "port.taken");
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"0.0.0.0:8176/tcp of endpoint web was taken by process"), told.Message, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"pid {Environment.ProcessId}"), told.Message, StringComparison.Ordinal);
        Assert.Equal(["20000-21499", "8176"], await UnkeptAsync());
        await stage.AssertNothingDiffersAsync();

        async Task<string[]> UnkeptAsync() =>
            [.. (await stage.Api.PortsAsync()).Where(static p => !p.Reserved).Select(static p => p.Port.HostPorts).Distinct().Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_port_that_is_taken_back_is_free_at_once()
    {
        _ = await Stage.NetworkAsync("free", "10.175.0.0/24", "fd75::/64");
        _ = await Stage.ContainerAsync("free", "free-a", new ConnectRequest { Publish = ["8177:80", "8178:80"] });
        Assert.Throws<SocketException>(() => Stage.Host.Listen("0.0.0.0", 8177).Dispose());
        _ = (await Stage.Api.UpdatePortsAsync("free", "free-a", [], ["8177"])).Change();
        Stage.Host.Listen("0.0.0.0", 8177).Dispose();
        Stage.Host.Listen("::", 8177).Dispose();
        _ = (await Stage.Api.DisconnectAsync("free", "free-a")).Change();
        Stage.Host.Listen("0.0.0.0", 8178).Dispose();
        Stage.Host.Listen("::", 8178).Dispose();
    }

    [Fact]
    public async Task A_port_that_somebody_elses_rule_translates_is_refused_for_as_long_as_the_rule_stands()
    {
        _ = await Stage.NetworkAsync("for", "10.180.0.0/24");
        _ = await Stage.SandboxAsync("for-a");
        foreach (var round in new[] { 1, 2 })
        {
            _ = (await Stage.Host.RunAsync("nft", "add table ip foreign; add chain ip foreign pre { type nat hook prerouting priority -100; }; add rule ip foreign pre tcp dport 8199 dnat to 192.0.2.9:80")).Succeeded();
            var refusal = (await Stage.Api.ConnectAsync("for", new ConnectRequest { Sandbox = "for-a", Name = "second", Publish = ["8199:80"] })).Refused(409);
            Assert.Contains("is translated by a rule of others", Assert.Single(refusal.Details).Message, StringComparison.Ordinal);

            _ = (await Stage.Host.RunAsync("nft", "delete table ip foreign")).Succeeded();
            _ = await Stage.ConnectAsync("for", "for-a", new ConnectRequest { Publish = ["8199:80"] });
            _ = (await Stage.Api.DisconnectAsync("for", "for-a")).Change();
        }
    }

    [Fact]
    public async Task Sctp_is_translated_and_the_answer_says_if_no_socket_keeps_it()
    {
        _ = await Stage.NetworkAsync("sctp", "10.176.0.0/24");
        _ = await Stage.SandboxAsync("sctp-a");
        var change = (await Stage.Api.ConnectAsync("sctp", new ConnectRequest { Sandbox = "sctp-a", Publish = ["0.0.0.0:8179:80/sctp"] })).Change();
        var isKept = (await Stage.Host.RunAsync("ss", "-lnSH")) is { IsDone: true } sockets && sockets.Text.Contains("8179", StringComparison.Ordinal);
        Assert.Equal(isKept ? [] : ["this kernel has no sctp sockets, so no socket keeps these host ports from other processes"], change.Warnings);
        Assert.Equal(1, await CountAsync("lan_any4", "sctp"));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task Two_hundred_comings_and_goings_with_ports_leave_no_descriptor_and_no_port()
    {
        _ = await Stage.NetworkAsync("fd", "10.177.0.0/24", "fd77::/64");
        _ = await Stage.SandboxAsync("fd-a");
        foreach (var _ in Enumerable.Range(0, 20))
        {
            await ComeAndGoAsync();
        }

        var before = (Descriptors: DaemonFiles.Count(Stage.Daemon.Id), Text: DaemonFiles.Describe(Stage.Daemon.Id), Listening: await ListeningAsync());
        foreach (var _ in Enumerable.Range(0, 200))
        {
            await ComeAndGoAsync();
        }

        // One that leaks would be two hundred. A namespace that is read for the first time meanwhile keeps a socket for it.
        const int sandboxes = 10;
        _ = await Eventually.TrueAsync(
            s_soon,
            () => DaemonFiles.Count(Stage.Daemon.Id) <= before.Descriptors + sandboxes,
            () => $"open before were\n{before.Text}\nand after\n{DaemonFiles.Describe(Stage.Daemon.Id)}");
        Assert.Equal(before.Listening, await ListeningAsync());

        async Task ComeAndGoAsync()
        {
            _ = await Stage.ConnectAsync("fd", "fd-a", new ConnectRequest
            {
                Publish = ["80", "8180-8189:8180-8189", "8190:80/udp", "[::1]:8191:80"],
                Options = Options.Of(("com.docker.network.advertise_addr_nmsgs", "0")),
            });
            _ = (await Stage.Api.DisconnectAsync("fd", "fd-a")).Change();
        }
    }

    private async Task<int> CountAsync(string map, string word)
    {
        if (HostBackend.IsIptables)
        {
            var rules = (await Stage.IptablesAsync(map.EndsWith('6') ? "ip6tables-save" : "iptables-save", "-t", "nat")).Succeeded();
            return rules.Split('\n').Count(l => l.Contains($"\"netd: {map} ", StringComparison.Ordinal) && l.Contains(word, StringComparison.Ordinal));
        }

        using var listed = JsonDocument.Parse((await Stage.Host.RunAsync("nft", "-j", "list", "map", "inet", "netd", map)).Succeeded());
        var found = listed.RootElement.GetProperty("nftables").EnumerateArray().Single(static i => i.TryGetProperty("map", out _)).GetProperty("map");
        return found.TryGetProperty("elem", out var elements)
            ? elements.EnumerateArray().Count(e => string.Concat(e.GetRawText().Where(static c => c is not (' ' or '\n'))).Contains(word, StringComparison.Ordinal))
            : 0;
    }

    private Task<string> ListeningAsync() => ListeningAsync(Stage);

    private static async Task<string> ListeningAsync(Stage stage) =>
        string.Join('\n', (await stage.Host.RunAsync("ss", "-lntuH")).Succeeded().Split('\n').Order(StringComparer.Ordinal));
}

using System.Net;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>The host's firewall in iptables, with both variants of its programs: what stands, what is mended, what is refused.</summary>
/// <remarks>
/// <code>
///   world ── uplink ── host: FORWARD ─► NETD-FORWARD ─► NETD-USER
///                        │        └ iptables -F, -X, -I by somebody
///                        └ bridge ── container, port 80 published as 8080
/// </code>
/// </remarks>
public sealed class IptablesTests
{
    private const int Port = 80;
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Variants => ["nft", "legacy"];

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Flushed_or_removed_rules_are_back_while_transfers_go_on_and_an_event_says_what_was_missing(string variant)
    {
        await using var stage = await OpenAsync(variant);
        var (place, _) = await PublishAsync(stage);
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any, IPAddress.IPv6Any], Port));
        await ReachedAsync(stage);
        using var transfer = await Transfer.StartAsync(stage.World, new IPEndPoint(IPAddress.Parse(Stage.HostAddress4), 8090), place, 90);
        await transfer.GrowsAsync(stage);
        var rules = await stage.IptablesRulesAsync();
        foreach (var (command, missing) in new[]
        {
            ("iptables -F", "answers"),
            ("iptables -F; iptables -X; iptables -t nat -F; iptables -t nat -X", "no jump to NETD-FORWARD"),
            ("iptables -F; iptables -X; iptables -t nat -F; iptables -t nat -X; ip6tables -F; ip6tables -X; ip6tables -t nat -F; ip6tables -t nat -X", "is missing"),
            ("ip6tables -t nat -F", "hairpin"),
            ("iptables -D FORWARD -m comment --comment 'netd: netd stands first' -j NETD-FORWARD", "no jump to NETD-FORWARD"),
        })
        {
            var since = await LastEventAsync(stage);

            // Between two of these programs netd may have put its jump back: its chains can then not be removed, and it is all done again.
            _ = await Eventually.TrueAsync(s_soon, async () => (await stage.IptablesAsync("sh", "-ec", command)).IsDone, stage.IptablesRulesAsync);
            _ = await Eventually.TrueAsync(s_soon, async () => Sorted(await stage.IptablesRulesAsync()) == Sorted(rules), stage.IptablesRulesAsync);

            _ = await Eventually.TrueAsync(
                s_soon,
                async () => (await stage.Api.EventsAsync(since)).Any(e => e.Type == "drift.found" && e.Message.Contains(missing, StringComparison.Ordinal)),
                async () => $"no event tells of '{missing}' after {command}: {string.Join('\n', (await stage.Api.EventsAsync(since)).Select(static e => e.Message))}");
            await transfer.GrowsAsync(stage);
            await stage.AssertNothingDiffersAsync();
        }

        await ReachedAsync(stage);
        await AssertNoTableAsync(stage);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task What_another_does_between_two_changes_of_ours_is_not_taken_for_ours(string variant)
    {
        await using var stage = await OpenAsync(variant);
        _ = await PublishAsync(stage);
        foreach (var port in new[] { 8101, 8103, 8105 })
        {
            _ = await stage.ContainerAsync("pub", $"p{port}", new ConnectRequest { Publish = [$"{port}:80"] });
            _ = (await stage.IptablesAsync("sh", "-ec", "printf '*filter\\n-F NETD-INPUT\\nCOMMIT\\n' | iptables-restore --noflush")).Succeeded();
            _ = await stage.ContainerAsync("pub", $"p{port + 1}", new ConnectRequest { Publish = [$"{port + 1}:80"] });
            _ = await Eventually.TrueAsync(s_soon, async () => (await stage.IptablesAsync("iptables", "-S", "NETD-INPUT")).Succeeded().Contains("-A NETD-INPUT", StringComparison.Ordinal), stage.IptablesRulesAsync);
            await stage.AssertNothingDiffersAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task What_is_flushed_after_a_restart_that_changed_nothing_is_back(string variant)
    {
        await using var stage = await OpenAsync(variant);
        _ = await stage.NetworkAsync("quiet", "10.166.0.0/24");
        var rules = await stage.IptablesRulesAsync();
        await stage.RestartAsync(isKilled: true);
        await stage.AssertNothingDiffersAsync();
        _ = (await stage.IptablesAsync("iptables", "-t", "nat", "-F")).Succeeded();
        _ = await Eventually.TrueAsync(s_soon, async () => Sorted(await stage.IptablesRulesAsync()) == Sorted(rules), stage.IptablesRulesAsync);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task The_users_chain_comes_first_and_keeps_its_rules_to_the_end(string variant)
    {
        await using var stage = await OpenAsync(variant);
        var (place, _) = await PublishAsync(stage);
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any, IPAddress.IPv6Any], Port));
        await Reach.SeenAsync((stage.World, Stage.HostAddress4, 8080, Stage.WorldAddress4));
        _ = (await stage.IptablesAsync("iptables", "-A", "NETD-USER", "-s", Stage.WorldAddress4, "-j", "DROP")).Succeeded();
        await Reach.SeenAsync((stage.World, Stage.HostAddress4, 8080, Reach.Nothing), (stage.World, Stage.HostAddress6, 8080, Stage.WorldAddress6));

        _ = await stage.NetworkAsync("other", "10.162.0.0/24");
        await stage.RestartAsync(isKilled: true);
        _ = await RepairAsync(stage);
        await Reach.SeenAsync((stage.World, Stage.HostAddress4, 8080, Reach.Nothing));
        _ = (await stage.Api.RemoveAsync("pub", isForced: true)).Change();
        _ = (await stage.Api.RemoveAsync("other", isForced: true)).Change();
        _ = await Eventually.OutputAsync(s_soon, () => stage.IptablesAsync("iptables-save", "-t", "filter"), static o => !o.Text.Contains("NETD-FORWARD", StringComparison.Ordinal));
        var kept = (await stage.IptablesAsync("iptables-save", "-t", "filter")).Succeeded();
        Assert.Contains($"-A NETD-USER -s {Stage.WorldAddress4}/32 -j DROP", kept, StringComparison.Ordinal);
        _ = await Eventually.OutputAsync(s_soon, () => stage.IptablesAsync("ip6tables-save"), static o => !o.Text.Contains("NETD-", StringComparison.Ordinal));

        const string unasked = "the rule in NETD-USER stands, but nothing leads there while the firewall is nftables";
        Assert.DoesNotContain("NETD-USER", (await stage.NetctlAsync("doctor")).Text, StringComparison.Ordinal);
        Assert.Contains(unasked, (await stage.NetctlAsync("firewall", "nftables")).Error, StringComparison.Ordinal);
        Assert.Contains(unasked, (await stage.NetctlAsync("doctor")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task The_jump_goes_back_before_rules_of_others_but_not_for_ever(string variant)
    {
        await using var stage = await OpenAsync(variant);
        _ = await PublishAsync(stage);
        for (var round = 0; round < 5; round++)
        {
            _ = (await stage.IptablesAsync("iptables", "-I", "FORWARD", "-s", $"192.0.2.{round}", "-j", "ACCEPT")).Succeeded();
            _ = await Eventually.TrueAsync(s_soon, async () => (await ForwardAsync(stage))[0].EndsWith("-j NETD-FORWARD", StringComparison.Ordinal), stage.IptablesRulesAsync);
        }

        // The sixth in a row wins: two tools that both want to be first would never end.
        _ = (await stage.IptablesAsync("iptables", "-I", "FORWARD", "-s", "192.0.2.99", "-j", "ACCEPT")).Succeeded();
        _ = await RepairAsync(stage);
        var chain = await ForwardAsync(stage);
        Assert.Contains("192.0.2.99", chain[0], StringComparison.Ordinal);
        Assert.Single(chain, static l => l.EndsWith("-j NETD-FORWARD", StringComparison.Ordinal));
        await stage.AssertNothingDiffersAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_chain_of_our_name_that_is_somebody_elses_is_named_and_nothing_is_half_done(string variant)
    {
        await using var stage = await OpenAsync(variant);
        _ = (await stage.IptablesAsync("sh", "-ec", "ip6tables -t nat -N NETD-POSTROUTING; ip6tables -t nat -A NETD-POSTROUTING -j ACCEPT")).Succeeded();
        var before = await stage.IptablesRulesAsync();
        var change = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = "pub", Subnets = ["10.160.0.0/24", "fd60::/64"] }, "?timeout=3")).As(ApiJson.Default.ChangeDocument);
        Assert.NotEqual("done", change.Status!.State);
        _ = await Eventually.TrueAsync(s_soon, async () => await ErrorAsync(stage) is not null, stage.IptablesRulesAsync);
        var told = await ErrorAsync(stage);
        Assert.Contains("use chain NETD-POSTROUTING of ip6 nat", told, StringComparison.Ordinal);
        Assert.Contains("'-j ACCEPT'", told, StringComparison.Ordinal);
        Assert.Contains("ip6tables -t nat -F NETD-POSTROUTING", told, StringComparison.Ordinal);
        Assert.Equal(before, await stage.IptablesRulesAsync());
        _ = (await stage.IptablesAsync("sh", "-ec", "ip6tables -t nat -F NETD-POSTROUTING; ip6tables -t nat -X NETD-POSTROUTING")).Succeeded();
        _ = await Eventually.TrueAsync(s_soon, async () => (await stage.Api.NetworkAsync("pub")).Status.State == "done", stage.IptablesRulesAsync);
        await stage.AssertNothingDiffersAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_restore_that_is_refused_half_way_leaves_nothing_behind_and_says_what_was_refused(string variant)
    {
        await using var stage = await OpenAsync(variant, static (stage, programs) =>
        {
            // The kernel takes what is for the filter table and refuses what is for nat: a program that says so of any text with a
            // mark in it, after the real one has done the first half.
            var real = File.ResolveLinkTarget($"{programs}/ip6tables-restore", returnFinalTarget: false)!.FullName;
            File.Delete($"{programs}/ip6tables-restore");
            File.WriteAllText(
                $"{programs}/ip6tables-restore",
                $"#!/bin/sh\n[ -e {stage.Folder}/refuse ] && [ \"$1\" = --noflush ] || exec {real} \"$@\"\n"
                + $"sed '/^\\*nat/,$d' | {real} --noflush\ncat >/dev/null\necho 'line 3 failed: No chain/target/match by that name.' >&2\nexit 1\n");
            File.SetUnixFileMode($"{programs}/ip6tables-restore", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        });
        _ = await PublishAsync(stage);
        var before = await stage.IptablesRulesAsync();
        await File.WriteAllTextAsync($"{stage.Folder}/refuse", string.Empty, Eventually.Cancel);
        var refused = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = "late", Subnets = ["10.163.0.0/24", "fd63::/64"] }, "?timeout=3")).As(ApiJson.Default.ChangeDocument);
        Assert.NotEqual("done", refused.Status!.State);
        Assert.Contains("ip6tables-restore", refused.Status.Reason, StringComparison.Ordinal);
        Assert.Contains("exit code 1: line 3 failed: No chain/target/match by that name.", refused.Status.Reason, StringComparison.Ordinal);
        _ = await Eventually.TrueAsync(s_soon, async () => Sorted(await stage.IptablesRulesAsync()) == Sorted(before), stage.IptablesRulesAsync);

        File.Delete($"{stage.Folder}/refuse");
        _ = (await stage.Api.RemoveAsync("late", isForced: true)).Change();
        _ = await Eventually.TrueAsync(s_soon, async () => Sorted(await stage.IptablesRulesAsync()) == Sorted(before), stage.IptablesRulesAsync);
        await stage.AssertNothingDiffersAsync();
    }

    [Theory]
    [InlineData("nft", false)]
    [InlineData("legacy", false)]
    [InlineData("nft", true)]
    [InlineData("legacy", true)]
    public async Task Another_backend_under_traffic_loses_no_flow(string variant, bool isByRestart)
    {
        await using var stage = await OpenAsync(variant);
        var (place, _) = await PublishAsync(stage);
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any, IPAddress.IPv6Any], Port));
        await ReachedAsync(stage);
        await place.ReachesAsync(Stage.WorldAddress6);
        using var inward = await Transfer.StartAsync(stage.World, new IPEndPoint(IPAddress.Parse(Stage.HostAddress4), 8090), place, 90);
        using var outward = await Transfer.StartAsync(place, new IPEndPoint(IPAddress.Parse(Stage.WorldAddress6), 7090), stage.World, 7090);
        await inward.GrowsAsync(stage);
        await outward.GrowsAsync(stage);
        foreach (var backend in new[] { "nftables", "iptables", "nftables", "iptables" })
        {
            if (isByRestart)
            {
                stage.Flags = ["--firewall", backend];
                await stage.RestartAsync(isKilled: backend == "nftables");
            }
            else
            {
                var output = await stage.NetctlAsync("firewall", backend);
                Assert.True(output.IsDone, output.ToString());
            }

            await inward.GrowsAsync(stage);
            await outward.GrowsAsync(stage);
            _ = await Eventually.TrueAsync(s_soon, async () => await IsInAsync(stage, backend), stage.IptablesRulesAsync);
            await ReachedAsync(stage);
            await stage.AssertNothingDiffersAsync();
        }
    }

    [Fact]
    public async Task What_auto_chooses_is_explained_and_a_missing_program_is_named()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false, before: static stage =>
        {
            var programs = Directory.CreateDirectory($"{stage.Folder}/few").FullName;
            foreach (var tool in new[] { "nsenter", "iptables-save" })
            {
                _ = File.CreateSymbolicLink($"{programs}/{tool}", tool == "nsenter" ? "/usr/bin/nsenter" : "/usr/sbin/iptables-save");
            }

            (stage.SearchPath, stage.Flags) = (programs, ["--firewall", "iptables"]);
            return Task.FromResult(false);
        });
        var daemon = stage.Launch();
        Assert.Equal(1, await daemon.EndedAsync());
        Assert.Contains("iptables-restore, ip6tables-restore, ip6tables-save are not on PATH; apt-get install iptables", daemon.LastWords(), StringComparison.Ordinal);

        (stage.SearchPath, stage.Flags) = (HostBackend.PathIn(stage.Folder, "nft"), ["--firewall", "auto"]);
        await stage.StartAsync();
        Assert.StartsWith("nftables: chosen by auto, because this kernel has nf_tables with NAT", (await stage.Api.GetAsync("/v1/info")).As(ApiJson.Default.InfoDocument).Firewall, StringComparison.Ordinal);
        var checks = (await stage.Api.GetAsync("/v1/doctor")).As(ApiJson.Default.DoctorDocument).Checks;
        Assert.Contains(checks, static c => c is { Name: "firewall", State: "ok" } && c.Message.Contains("chosen by auto", StringComparison.Ordinal));
        Assert.Contains("nftables, iptables, none", (await stage.NetctlAsync("firewall", "ufw")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_move_to_programs_that_are_not_there_is_refused_and_nothing_moves()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false, before: static stage =>
        {
            var programs = Directory.CreateDirectory($"{stage.Folder}/few").FullName;
            foreach (var (tool, path) in new[] { ("nsenter", "/usr/bin/nsenter"), ("iptables-restore", "/usr/sbin/iptables-restore") })
            {
                _ = File.CreateSymbolicLink($"{programs}/{tool}", path);
            }

            (stage.SearchPath, stage.Flags) = (programs, []);
            return Task.FromResult(true);
        });
        _ = await stage.NetworkAsync("stays", "10.167.0.0/24");
        var rules = (await stage.Host.RunAsync("nft", "-s", "list", "ruleset")).Succeeded();
        var refused = await stage.NetctlAsync("firewall", "iptables");
        Assert.Equal(1, refused.Code);
        Assert.Contains("iptables-save, ip6tables-restore, ip6tables-save are not on PATH; apt-get install iptables", refused.Error, StringComparison.Ordinal);
        Assert.Equal(rules, (await stage.Host.RunAsync("nft", "-s", "list", "ruleset")).Succeeded());
        Assert.StartsWith("nftables", (await stage.Api.GetAsync("/v1/info")).As(ApiJson.Default.InfoDocument).Firewall, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_firewall_nothing_is_filtered_and_nothing_can_be_published()
    {
        await using var stage = await Stage.OpenAsync(before: static stage =>
        {
            stage.Flags = ["--firewall", "none"];
            return Task.FromResult(true);
        });
        var change = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = "bare", Subnets = ["10.164.0.0/24"] })).Change();
        Assert.Contains("nothing keeps network bare apart", Assert.Single(change.Warnings), StringComparison.Ordinal);
        var (place, _) = await stage.ContainerAsync("bare", "b");
        await stage.World.IpAsync($"route add 10.164.0.0/24 via {Stage.HostAddress4}");
        await place.ReachesAsync(Stage.WorldAddress4);
        _ = await stage.SandboxAsync("d");
        Assert.Equal("firewall.none", (await stage.Api.ConnectAsync("bare", new ConnectRequest { Sandbox = "d", Publish = ["8080:80"] })).Refused(409).Code);
        Assert.Equal(string.Empty, (await stage.Host.RunAsync("nft", "list", "ruleset")).Succeeded());
        await stage.AssertNothingDiffersAsync();
    }

    private static Task<Stage> OpenAsync(string variant, Action<Stage, string>? prepare = null) => Stage.OpenAsync(before: stage =>
    {
        (stage.SearchPath, stage.Flags) = (HostBackend.PathIn(stage.Folder, variant), ["--firewall", "iptables"]);
        prepare?.Invoke(stage, $"{stage.Folder}/programs-{variant}");
        return Task.FromResult(true);
    });

    private static async Task<(Place Place, EndpointDocument Endpoint)> PublishAsync(Stage stage)
    {
        _ = await stage.NetworkAsync("pub", "10.160.0.0/24", "fd60::/64");
        return await stage.ContainerAsync("pub", "p", new ConnectRequest { Publish = ["8080:80", "8080:80/udp", "8090:90"], Expose = "world" });
    }

    private static Task ReachedAsync(Stage stage) => Reach.SeenAsync(
        (stage.World, Stage.HostAddress4, 8080, Stage.WorldAddress4), (stage.World, Stage.HostAddress6, 8080, Stage.WorldAddress6));

    private static async Task<string[]> ForwardAsync(Stage stage) =>
        [.. (await stage.IptablesAsync("iptables-save", "-t", "filter")).Succeeded().Split('\n').Where(static l => l.StartsWith("-A FORWARD ", StringComparison.Ordinal))];

    private static string Sorted(string rules) => string.Join('\n', rules.Split('\n').Order(StringComparer.Ordinal));

    private static async Task<string?> ErrorAsync(Stage stage) => (await stage.Api.EventsAsync()).FirstOrDefault(static e => e.Type == "scope.error")?.Message;

    private static async Task<Answer> RepairAsync(Stage stage)
    {
        var answer = await stage.Api.SendAsync(HttpMethod.Post, "/v1/repair");
        Assert.True(answer.IsDone, answer.ToString());
        return answer;
    }

    // Nothing of the one that is not wanted is left, and the other is there.
    private static async Task<bool> IsInAsync(Stage stage, string backend)
    {
        var isInNftables = (await stage.Host.RunAsync("nft", "list", "tables")).Succeeded().Contains("inet netd", StringComparison.Ordinal);
        var isInIptables = (await stage.IptablesRulesAsync()).Length > 0;
        return backend == "iptables" ? isInIptables && !isInNftables : isInNftables && !isInIptables;
    }

    private static async Task AssertNoTableAsync(Stage stage) =>
        Assert.DoesNotContain("inet", (await stage.Host.RunAsync("nft", "list", "tables")).Succeeded(), StringComparison.Ordinal);

    private static async Task<long> LastEventAsync(Stage stage) => (await stage.Api.EventsAsync()).Select(static e => e.Sequence).DefaultIfEmpty(0).Max();
}

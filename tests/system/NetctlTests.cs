using System.Diagnostics;
using System.Text.Json;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests;

/// <summary>netctl against the real daemon: every verb, exit codes, JSON for programs.</summary>
/// <remarks>
/// <code>
///   netctl ── unix socket ── netd ── networks, sandboxes
/// </code>
/// </remarks>
public sealed class NetctlTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task A_network_and_a_sandbox_live_from_create_to_remove()
    {
        var id = (await RunAsync(0, "create --subnet 10.210.0.0/24 --subnet fda8::/64 --label a=b --opt mtu=1400 life")).Text.Trim();
        Assert.Equal(64, id.Length);
        Assert.Contains("10.210.0.0/24", (await RunAsync(0, "ls")).Text, StringComparison.Ordinal);
        Assert.Equal(id, (await RunAsync(0, "ls --quiet --filter name=life")).Text.Trim());
        _ = await RunAsync(0, "sandbox create box");
        _ = await RunAsync(0, "connect life box --name web --ip 10.210.0.9 --ifname lan0 --mac 02:42:0a:d2:00:09 --gw-priority 3");
        Assert.Contains("10.210.0.9", (await RunAsync(0, "sandbox exec box -- ip -o address show dev lan0")).Text, StringComparison.Ordinal);
        Assert.Equal(7, (await Stage.NetctlAsync("sandbox", "exec", "box", "--", "sh", "-c", "exit 7")).Code);
        Assert.Contains("web", (await RunAsync(0, "inspect life")).Text, StringComparison.Ordinal);
        Assert.Contains("box", (await RunAsync(0, "sandbox ls")).Text, StringComparison.Ordinal);
        Assert.Contains("lan0", (await RunAsync(0, "sandbox inspect box")).Text, StringComparison.Ordinal);
        Assert.Contains("life", (await RunAsync(0, "explain life")).Text, StringComparison.Ordinal);
        Assert.Contains("netctl rm --force life", (await RunAsync(1, "rm life")).Error, StringComparison.Ordinal);
        _ = await RunAsync(1, "sandbox rm box");
        _ = await RunAsync(0, "disconnect life box");
        _ = await RunAsync(0, "sandbox rm box");
        _ = await RunAsync(0, "rm life");
        Assert.Contains("life", (await RunAsync(1, "inspect life")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_is_taken_by_the_letter()
    {
        var place = await Stage.NamespaceAsync("by%41%2Fletter");
        _ = await RunAsync(0, "create --subnet 10.217.0.0/24 letter");
        _ = await RunAsync(0, $"connect letter {place.Path}");
        Assert.Contains(place.Path, (await RunAsync(0, $"sandbox inspect {place.Path}")).Text, StringComparison.Ordinal);
        Assert.Contains("1 endpoint is on it", (await RunAsync(0, "explain letter")).Text, StringComparison.Ordinal);
        Assert.Contains($"at {place.Path} ", (await RunAsync(0, $"explain {place.Path}")).Text, StringComparison.Ordinal);
        Assert.Contains("nothere", (await RunAsync(127, $"sandbox exec {place.Path} -- nothere")).Error, StringComparison.Ordinal);
        _ = await RunAsync(0, $"sandbox rm --force {place.Path}");
        _ = await RunAsync(0, "rm letter");
    }

    [Fact]
    public async Task Plan_diff_and_repair_speak_of_what_is_not_as_asked()
    {
        _ = await RunAsync(0, "create --subnet 10.211.0.0/24 mend");
        _ = await RunAsync(0, "diff --exit-code");
        _ = await RunAsync(0, "plan");
        Stage.Host.SetSysctl("net/ipv4/ip_forward", "0");
        Assert.Contains("ip_forward", (await RunAsync(1, "diff --exit-code")).Text, StringComparison.Ordinal);
        Assert.Contains("ip_forward", (await RunAsync(0, "repair")).Text, StringComparison.Ordinal);
        Assert.Equal("1", Stage.Host.Sysctl("net/ipv4/ip_forward"));
        _ = await RunAsync(0, "diff --exit-code");
        _ = await RunAsync(0, "rm mend");
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_prune_takes_only_empty_networks()
    {
        _ = await RunAsync(0, "create --subnet 10.212.0.0/24 empty");
        _ = await RunAsync(0, "create --subnet 10.213.0.0/24 busy");
        _ = await RunAsync(0, "sandbox create guest");
        _ = await RunAsync(0, "connect busy guest");
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), async () => (await Stage.Api.DiffAsync()).Steps.IsEmpty, Stage.Host.SightAsync);
        var before = await Stage.SnapshotAsync();
        foreach (var line in new[]
        {
            "create --dry-run --subnet 10.214.0.0/24 dry", "rm --dry-run empty", "rm --dry-run --force busy", "connect --dry-run empty guest",
            "disconnect --dry-run busy guest", "prune --dry-run", "sandbox create --dry-run dry", "sandbox rm --dry-run --force guest",
        })
        {
            Assert.NotEmpty((await RunAsync(0, line)).Text);
        }

        Assert.Equal(before, await Stage.SnapshotAsync());
        Assert.Contains("empty", (await RunAsync(0, "prune")).Text, StringComparison.Ordinal);
        Assert.Contains("busy", (await RunAsync(0, "ls")).Text, StringComparison.Ordinal);
        _ = await RunAsync(0, "rm --force busy");
        _ = await RunAsync(0, "sandbox rm guest");
    }

    [Fact]
    public async Task A_question_for_a_name_says_how_to_turn_names_on()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false, before: static async stage =>
        {
            stage.ConfigFile = $"{stage.Folder}/netd.json";
            await File.WriteAllTextAsync(stage.ConfigFile, """{ "dns": "off" }""", Eventually.Cancel);
            return true;
        });
        _ = await stage.NetworkAsync("quiet", "10.215.0.0/24");
        _ = await stage.ContainerAsync("quiet", "asker");
        var refused = await stage.NetctlAsync("dns", "query", "asker", "--sandbox", "asker");
        Assert.True(refused.Code == 1 && refused.Error.Contains("start netd with --dns on", StringComparison.Ordinal), refused.ToString());
        Assert.Contains("asker", (await stage.NetctlAsync("dns", "ls", "--sandbox", "asker")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_what_jq_reads()
    {
        _ = await RunAsync(0, "create --subnet 10.215.0.0/24 json");
        _ = await RunAsync(0, "sandbox create jbox");
        foreach (var (line, filter, expected) in new[]
        {
            ("ls --format json --filter name=json", ".[0].ipv4.subnet", "10.215.0.0/24"),
            ("connect json jbox --format json", ".endpoint.interface", "eth0"),
            ("inspect json --format json", "if type == \"array\" then .[0] else . end | .endpoints[0].sandbox", "jbox"),
            ("sandbox ls --format json", "map(select(.name == \"jbox\")) | length", "1"),
            ("sandbox inspect jbox --format json", "if type == \"array\" then .[0] else . end | .endpoints | length", "1"),
            ("plan --format json", ".steps | length", "0"),
            ("diff --format json", ".steps | type", "array"),
            ("explain json --format json", ".kind", "network"),
            ("doctor --format json", ".checks | length > 0", "true"),
            ("version --format json", "type", "object"),
            ("info --format json", ".drivers[0]", "bridge"),
            ("repair --format json", ".steps | type", "array"),
            ("rm --force json --format json", ".name", "json"),
            ("prune --format json", ".removed | type", "array"),
        })
        {
            var output = await Stage.NetctlAsync(line.Split(' '));
            Assert.True(output.Code == 0 || line.StartsWith("doctor", StringComparison.Ordinal), output.ToString());
            var seen = await Tool.RunAsync(TimeSpan.FromSeconds(5), output.Text, "jq", "-r", filter);
            Assert.True(seen.IsDone && seen.Text.Trim() == expected, $"{line} | jq {filter}: {seen}\n{output}");
        }

        _ = await RunAsync(0, "sandbox rm jbox");
    }

    [Fact]
    public async Task Events_stream_while_things_happen()
    {
        using var process = Tool.Start(Binaries.Netctl, ["--host", Stage.SocketPath, "events", "--since", "0", "--format", "json"]);
        using var ending = new Ending(process);
        _ = await RunAsync(0, "create --subnet 10.216.0.0/24 seen");
        _ = await RunAsync(0, "rm seen");
        using var timer = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var types = new List<string>();
        while (!types.Contains("network.removed") && await process.StandardOutput.ReadLineAsync(timer.Token) is { } line)
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("name", out var name) && name.GetString() == "seen")
            {
                types.Add(json.RootElement.GetProperty("type").GetString()!);
            }
        }

        Assert.Equal(["network.created", "network.removed"], types);
        Assert.Contains("seen", (await RunAsync(0, "events --follow=false")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exit_codes_tell_refused_from_wrong_usage_from_unreachable()
    {
        foreach (var line in new[] { "rm nobody", "inspect nobody", "connect nobody nobody", "create --subnet 10.20.1.0/16 wrong", "explain nobody" })
        {
            Assert.NotEmpty((await RunAsync(1, line)).Error);
        }

        Assert.Contains("10.20.0.0/16", (await RunAsync(1, "create --subnet 10.20.1.0/16 wrong")).Error, StringComparison.Ordinal);
        foreach (var line in new[] { "", "no-such-verb", "create", "ls --format xml", "create --no-such-option x", "create --timeout 0 x", "ls --filter nonsense", "events --since x" })
        {
            Assert.NotEmpty((await RunAsync(2, line)).Error);
        }

        var away = await Tool.RunAsync(Binaries.Netctl, "--host", $"{Stage.Folder}/nobody.sock", "ls");
        Assert.True(away.Code == 3, away.ToString());
        Assert.Contains("nobody.sock", away.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_info_doctor_help_and_completion_answer()
    {
        Assert.Contains("netd", (await RunAsync(0, "version")).Text, StringComparison.Ordinal);
        Assert.Contains(Stage.StateFolder, (await RunAsync(0, "info")).Text, StringComparison.Ordinal);
        Assert.Contains("forward", (await Stage.NetctlAsync("doctor")).Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("connect", (await RunAsync(0, "--help")).Text, StringComparison.Ordinal);
        var script = (await RunAsync(0, "completion bash")).Text;
        var file = $"{Stage.Folder}/completion.bash";
        await File.WriteAllTextAsync(file, script, Eventually.Cancel);
        _ = (await Tool.RunAsync("bash", "-n", file)).Succeeded();
        _ = await RunAsync(2, "completion tcsh");
    }

    [Fact]
    public async Task A_reader_that_leaves_early_is_no_error_of_ours()
    {
        var line = $"{Binaries.Netctl} --host {Stage.SocketPath} --help | head -n 1";
        var clock = Stopwatch.StartNew();
        var output = await Tool.RunAsync("bash", "-c", line);
        Assert.True(output.IsDone && output.Error.Length == 0, output.ToString());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10));
    }

    private async Task<Output> RunAsync(int code, string line)
    {
        var output = await Stage.NetctlAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(output.Code == code, $"expected exit code {code}\n{output}");
        return output;
    }
}

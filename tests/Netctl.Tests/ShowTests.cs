using Networking.Netctl.Output;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>What the reading verbs print, held against golden files.</summary>
public sealed class ShowTests
{
    [Theory]
    [InlineData("ls", "ls.txt")]
    [InlineData("ls --format json", "ls.json")]
    [InlineData("ls --filter driver=macvlan --format json", "ls-filtered.json")]
    [InlineData("inspect web", "inspect.json")]
    [InlineData("inspect web web", "inspect-two.json")]
    [InlineData("inspect web --format table", "inspect.txt")]
    [InlineData("sandbox ls", "sandbox-ls.txt")]
    [InlineData("sandbox inspect c1 --format table", "sandbox-inspect.txt")]
    [InlineData("explain lab-macvlan", "explain.txt")]
    [InlineData("info", "info.txt")]
    [InlineData("plan", "plan.txt")]
    [InlineData("diff", "plan.txt")]
    [InlineData("repair", "plan.txt")]
    [InlineData("cluster status", "cluster-status.txt")]
    [InlineData("cluster leave", "cluster-leave.txt")]
    [InlineData("cluster keys ls --secrets", "cluster-keys.txt")]
    [InlineData("node ls", "node-ls.txt")]
    [InlineData("node ls -q --filter status=alive", "node-ls-quiet.txt")]
    [InlineData("ipam ls", "ipam-ls.txt")]
    [InlineData("ipam ls --format json", "ipam-ls.json")]
    [InlineData("ipam ls -q", "ipam-ls-quiet.txt")]
    [InlineData("ipam ls web", "ipam-ls-network.txt")]
    [InlineData("ipam ls web --quiet", "ipam-ls-network-quiet.txt")]
    [InlineData("ipam why 10.20.0.2", "ipam-why.txt")]
    [InlineData("ipam why 10.20.0.2 -q", "ipam-why-quiet.txt")]
    [InlineData("dns ls", "dns-ls.txt")]
    [InlineData("dns ls -q", "dns-ls-quiet.txt")]
    [InlineData("dns query _80._tcp.web --sandbox c1 --type SRV", "dns-query.txt")]
    [InlineData("dns query _80._tcp.web --sandbox c1 --type SRV -q", "dns-query-quiet.txt")]
    [InlineData("dns query _80._tcp.web --sandbox c1 --format json", "dns-query.json")]
    [InlineData("events --follow=false", "events.txt")]
    public async Task A_verb_prints(string line, string golden)
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, line.Split(' '));
        Assert.Equal((ExitCode.Done, string.Empty), (run.Exit, run.Error));
        Golden.Check(golden, run.Out);
    }

    [Fact]
    public async Task What_a_repair_could_not_mend_is_an_error_beside_what_it_did()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, """{"steps":[],"left":["network/aa is not as asked: its bridge is gone"]}"""), "repair");
        Assert.Equal((ExitCode.Failed, PlanText.Nothing), (run.Exit, run.Out));
        Assert.StartsWith("netctl: network/aa is not as asked: its bridge is gone\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("netctl explain", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_is_cut_to_the_terminal()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, ["sandbox", "ls"], width: 80);
        Golden.Check("sandbox-ls-80.txt", run.Out);
        Assert.All(run.Out.TrimEnd('\n').Split('\n'), line => Assert.InRange(line.Length, 1, 80));
    }

    [Fact]
    public async Task Quiet_prints_whole_ids_only()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, ["ls", "-q", "-f", "name=lab"]);
        Assert.Equal(Samples.Id('b') + "\n", run.Out);
    }

    [Fact]
    public async Task An_empty_list_is_a_heading_or_an_empty_array()
    {
        var (table, _) = await Run.AgainstAsync(CannedServer.Http(200, "[]"), "ls");
        var (json, _) = await Run.AgainstAsync(CannedServer.Http(200, "[]"), "ls", "--format", "json");
        Assert.StartsWith("NETWORK ID", table.Out, StringComparison.Ordinal);
        Assert.Equal("[]\n", json.Out);
    }

    [Fact]
    public async Task Inspect_shows_the_others_when_one_is_unknown()
    {
        await using var server = new CannedServer(request => request.Path.EndsWith("bad", StringComparison.Ordinal)
            ? CannedServer.Http(404, """{"code":"network.unknown","message":"There is no network bad."}""")
            : CannedServer.Http(200, Samples.Web));
        var run = await Run.InProcessAsync(server.Path, ["inspect", "bad", "web", "--format", "json"]);
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.StartsWith("[\n  {\n    \"id\": \"aaaa", run.Out, StringComparison.Ordinal);
        Assert.Equal("netctl: There is no network bad.\n", run.Error);
    }

    [Fact]
    public async Task Version_knows_its_own_without_the_daemon()
    {
        var run = await Run.InProcessAsync("/nowhere", ["version"]);
        Assert.StartsWith("netctl:  0.", run.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Unreachable, run.Exit);
    }

    [Fact]
    public async Task Version_shows_the_daemon()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, ["version"]);
        Assert.Contains("netd:    0.1.0 (.NET 10.0.12)\nAPI:     v1\nKernel:  6.12.0\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_fails_if_a_check_does()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, Samples.Doctor), "doctor");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Golden.Check("doctor.txt", run.Out);
    }

    [Fact]
    public async Task Doctor_is_content_with_warnings()
    {
        var (run, _) = await Run.AgainstAsync(
            CannedServer.Http(200, """{"checks":[{"name":"a","state":"warning","message":"m"}]}"""), "doctor", "--format", "json");
        Assert.Equal(ExitCode.Done, run.Exit);
    }

    [Theory]
    [InlineData(Samples.Plan, "diff", ExitCode.Done)]
    [InlineData(Samples.Plan, "diff --exit-code", ExitCode.Failed)]
    [InlineData(Samples.EmptyPlan, "diff --exit-code", ExitCode.Done)]
    public async Task Diff_tells_by_its_exit_code_on_request(string answer, string line, int exit)
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, answer), line.Split(' '));
        Assert.Equal(exit, run.Exit);
    }

    [Fact]
    public async Task A_plan_without_steps_says_so()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, "{}"), "plan");
        Assert.Equal("Nothing to do.\n", run.Out);
    }

    [Fact]
    public async Task Help_of_every_verb_is_as_reviewed()
    {
        var text = (await Run.InProcessAsync(host: null, ["--help"])).Out;
        foreach (var verb in Verbs.VerbTable.Verbs.Where(verb => !verb.IsHidden).Select(verb => verb.Name)
            .Concat(["sandbox create", "sandbox ls", "sandbox inspect", "sandbox rm", "sandbox exec", "ipam ls", "ipam why", "dns ls", "dns query", "dns log", "cluster init", "cluster join", "cluster leave", "cluster status", "cluster keys ls", "cluster keys add", "cluster keys use", "cluster keys rm", "node ls"]))
        {
            var run = await Run.InProcessAsync(host: null, [.. verb.Split(' '), "--help"]);
            Assert.Equal(ExitCode.Done, run.Exit);
            text += $"--- {verb}\n{run.Out}";
        }

        Golden.Check("help.txt", text);
    }
}

using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>What a mutating verb prints of its answer.</summary>
public sealed class ChangeTests
{
    [Fact]
    public async Task Create_prints_the_id()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(201, Samples.Change(Samples.Done)), "create", "web");
        Assert.Equal(new Run(Samples.Id('a') + "\n", string.Empty, ExitCode.Done), run);
    }

    [Fact]
    public async Task Connect_prints_where_the_endpoint_is()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, ["connect", "web", "c1"]);
        const string line = "web-c1 eth0 10.20.0.2/24 fd00::2/64 0.0.0.0:8080->10.20.0.2:80/tcp [::]:53-54->10.20.0.2:53-54/udp\n";
        Assert.Equal(new Run(line, string.Empty, ExitCode.Done), run);
    }

    [Fact]
    public async Task Connect_prints_the_id_of_the_endpoint_when_quiet()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, ["connect", "web", "c1", "-q"]);
        Assert.Equal(Samples.Id('e') + "\n", run.Out);
    }

    [Fact]
    public async Task What_is_pending_is_said_and_is_no_failure()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(202, Samples.Change(Samples.Pending)), "create", "web");
        Assert.Equal(new Run(Samples.Id('a') + "\n", "pending: needs parent eth1\n", ExitCode.Done), run);
    }

    [Fact]
    public async Task What_is_in_error_is_a_failure()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, Samples.Change(Samples.Failed)), "create", "web");
        Assert.Equal("error: link nd-web: no such device (ENODEV)\n", run.Error);
        Assert.Equal(ExitCode.Failed, run.Exit);
    }

    [Fact]
    public async Task Warnings_go_to_standard_error()
    {
        var (run, _) = await Run.AgainstAsync(
            CannedServer.Http(200, Samples.Change(Samples.Done, ",\"warnings\":[\"the MTU is small\"]")), "create", "web");
        Assert.Equal("warning: the MTU is small\n", run.Error);
    }

    [Fact]
    public async Task A_dry_run_prints_the_plan()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, ["create", "web", "--dry-run"]);
        Assert.Equal((ExitCode.Done, string.Empty), (run.Exit, run.Error));
        Golden.Check("plan.txt", run.Out);
    }

    [Fact]
    public async Task A_dry_run_with_nothing_to_do_says_so()
    {
        var (run, _) = await Run.AgainstAsync(
            CannedServer.Http(200, """{"id":"x","name":"web","plan":{"steps":[]}}"""), "rm", "web", "--dry-run");
        Assert.Equal("Nothing to do.\n", run.Out);
    }

    [Fact]
    public async Task A_dry_run_that_was_carried_out_does_not_pass_for_one()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, Samples.Change(Samples.Done)), "create", "web", "--dry-run");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains("sent no plan for a dry run", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prune_names_what_it_removed()
    {
        await using var server = Samples.Serve();
        Assert.Equal("old\n", (await Run.InProcessAsync(server.Path, ["prune"])).Out);
        Assert.Equal("- network old\n", (await Run.InProcessAsync(server.Path, ["prune", "--dry-run"])).Out);
    }

    [Fact]
    public async Task Prune_with_nothing_to_remove_says_so()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, """{"removed":[]}"""), "prune");
        Assert.Equal("Nothing to do.\n", run.Out);
    }

    [Fact]
    public async Task Json_is_the_answer_as_it_came()
    {
        var (run, _) = await Run.AgainstAsync(
            CannedServer.Http(200, """{"id":"x","name":"web","newer":[1.50,"é"]}"""), "rm", "web", "--format", "json");
        Assert.Equal(
            """
            {
              "id": "x",
              "name": "web",
              "newer": [
                1.50,
                "é"
              ]
            }

            """,
            run.Out);
    }
}

using Networking.Netctl.Completion;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>What the shells are offered.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("dis", "disconnect")]
    [InlineData("sandbox |", "create exec inspect ls rm")]
    [InlineData("ipam |", "ls why")]
    [InlineData("ipam ls |", "lab-macvlan web")]
    [InlineData("ipam why |", "")]
    [InlineData("dns |", "log ls query")]
    [InlineData("dns query web --sandbox |", "c1 pid-77")]
    [InlineData("create --ipam-opt |", "com.docker.network.ipam.serial= serial=")]
    [InlineData("create --ip", "--ip-range --ipam-opt --ipv4 --ipv6")]
    [InlineData("create --dr", "--driver --dry-run")]
    [InlineData("create --driver |", "bridge macvlan")]
    [InlineData("ls --format |", "json table")]
    [InlineData("ls --filter |", "driver= id= label= name= scope= state=")]
    [InlineData("connect web c1 --expose |", "lan loopback world")]
    [InlineData("connect web c1 --pub", "--publish")]
    [InlineData("completion |", "bash fish zsh")]
    [InlineData("inspect |", "lab-macvlan web")]
    [InlineData("inspect w", "web")]
    [InlineData("rm web |", "lab-macvlan web")]
    [InlineData("connect web |", "c1 pid-77")]
    [InlineData("sandbox exec |", "c1 pid-77")]
    [InlineData("explain |", "c1 lab-macvlan pid-77 web")]
    [InlineData("compl", "completion")]
    [InlineData("create |", "")]
    [InlineData("nonsense |", "")]
    public async Task A_line_is_completed(string line, string expected)
    {
        await using var server = Samples.Serve();
        string[] words = [.. line.Split(' ').Select(word => word == "|" ? string.Empty : word)];
        var run = await Run.InProcessAsync(server.Path, ["complete", "--", .. words]);
        Assert.Equal((ExitCode.Done, string.Empty), (run.Exit, run.Error));
        var labels = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(candidate => candidate.Split('\t')[0]);
        Assert.Equal(expected, string.Join(' ', labels));
    }

    [Fact]
    public async Task Candidates_come_with_what_they_mean()
    {
        var run = await Run.InProcessAsync(host: null, ["complete", "--", "prun"]);
        Assert.Equal("prune\tRemove every network without endpoints\n", run.Out);
    }

    [Fact]
    public async Task The_host_of_the_completed_line_is_asked()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync("/nowhere", ["complete", "--", "--host", server.Path, "inspect", "w"]);
        Assert.Equal("web\n", run.Out);
    }

    [Fact]
    public async Task The_daemon_is_asked_only_when_names_are_wanted()
    {
        await using var server = Samples.Serve();
        await Run.InProcessAsync(server.Path, ["complete", "--", "create", "--"]);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("tcp://no")]
    public async Task No_daemon_is_silence(string host) =>
        Assert.Equal(new Run(string.Empty, string.Empty, ExitCode.Done), await Run.InProcessAsync(host, ["complete", "--", "rm", ""]));

    [Fact]
    public async Task A_daemon_that_does_not_answer_is_silence()
    {
        await using var server = new CannedServer(_ => null);
        var run = await Run.InProcessAsync(
            server.Path, ["complete", "--", "rm", ""], namesTimeout: TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Run(string.Empty, string.Empty, ExitCode.Done), run);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[null]")]
    public async Task A_daemon_that_answers_nonsense_is_silence(string answer)
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, answer), "complete", "--", "rm", "");
        Assert.Equal(new Run(string.Empty, string.Empty, ExitCode.Done), run);
    }

    [Theory]
    [InlineData("netctl dis", "disconnect")]
    [InlineData("netctl sandbox ", "create exec inspect ls rm")]
    [InlineData("netctl ls --filter na", "name=")]
    public async Task Bash_completes(string line, string expected)
    {
        await using var server = Samples.Serve();
        var run = await ShellAsync(
            "bash", server.Path,
            $"source <(netctl completion bash); COMP_LINE='{line}'; COMP_POINT={line.Length}; _netctl 2>/dev/null; echo \"${{COMPREPLY[*]}}\" | tr '\\n' ' '");
        Assert.Equal(expected, run.Out.Trim());
    }

    [Theory]
    [InlineData("netctl dis", "disconnect\tTake an endpoint away\n")]
    [InlineData("netctl ls --format t", "table\n")]
    public async Task Fish_completes(string line, string expected)
    {
        await using var server = Samples.Serve();
        var run = await ShellAsync("fish", server.Path, $"netctl completion fish | source; complete -C '{line}'");
        Assert.Equal(expected, run.Out);
    }

    [Fact]
    public async Task Zsh_completes()
    {
        await using var server = Samples.Serve();
        const string Script = """
            compdef() { :; }; _files() { print files; }
            _describe() { print -l -- "${(@P)2}"; }
            source <(netctl completion zsh)
            words=(netctl sandbox e); CURRENT=3; _netctl
            words=(netctl ls --format t); CURRENT=4; _netctl
            words=(netctl create ''); CURRENT=3; _netctl
            """;
        var run = await ShellAsync("zsh", server.Path, Script);
        Assert.Equal("exec:Run a command in the network namespace of a sandbox\ntable:\nfiles\n", run.Out);
    }

    [Fact]
    public void A_shell_without_a_script_is_a_usage_error() =>
        Assert.Throws<UsageException>(() => CompletionScript.For("tcsh"));

    // The shells are given lines that need no name from the daemon: its time limit would make them depend on the clock.
    private static async Task<Run> ShellAsync(string shell, string host, string script)
    {
        if (Exec.ExecutablePath.Find(shell, Environment.GetEnvironmentVariable("PATH")) is not { } program)
        {
            Assert.Skip($"needs {shell} (apt-get install {shell})");
            return new Run(string.Empty, string.Empty, ExitCode.CommandNotFound); // not reached
        }

        var path = $"{Path.GetDirectoryName(Executable.Path)}:{Environment.GetEnvironmentVariable("PATH")}";
        var environment = new Dictionary<string, string> { ["PATH"] = path, ["HOME"] = Path.GetTempPath() };
        return await Executable.RunAsync(program, host, environment, ["-c", script]);
    }
}

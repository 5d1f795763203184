using Networking.Netctl.Exec;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>The built program: its exit codes, signals, and the command it runs in a namespace.</summary>
public sealed class ExecutableTests
{
    private const string Refusal = """{"code":"x","message":"no"}""";

    [Theory]
    [InlineData("ls", ExitCode.Done)]
    [InlineData("create web", ExitCode.Done)]
    [InlineData("--help", ExitCode.Done)]
    [InlineData("create --help", ExitCode.Done)]
    [InlineData("--version", ExitCode.Done)]
    [InlineData("completion zsh", ExitCode.Done)]
    [InlineData("diff", ExitCode.Done)]
    [InlineData("diff --exit-code", ExitCode.Failed)]
    [InlineData("create", ExitCode.Usage)]
    [InlineData("", ExitCode.Usage)]
    [InlineData("sandbox", ExitCode.Usage)]
    [InlineData("nonsense", ExitCode.Usage)]
    [InlineData("ls --nonsense", ExitCode.Usage)]
    [InlineData("ls nonsense", ExitCode.Usage)]
    [InlineData("ls --format yaml", ExitCode.Usage)]
    [InlineData("ls --filter colour=red", ExitCode.Usage)]
    [InlineData("rm web --timeout never", ExitCode.Usage)]
    [InlineData("ls --host tcp://x", ExitCode.Usage)]
    [InlineData("ls --host /nowhere", ExitCode.Unreachable)]
    public async Task An_exit_code_says_what_happened(string line, int exit)
    {
        await using var server = Samples.Serve();
        var run = await Executable.RunAsync(server.Path, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(exit, run.Exit);
        Assert.Equal(exit == ExitCode.Done || line == "diff --exit-code", run.Error.Length == 0);
    }

    [Theory]
    [InlineData(404, Refusal, "rm web", ExitCode.Failed)]
    [InlineData(200, "nonsense", "ls", ExitCode.Failed)]
    [InlineData(200, Samples.Doctor, "doctor", ExitCode.Failed)]
    public async Task An_exit_code_says_what_the_daemon_said(int status, string body, string line, int exit)
    {
        await using var server = new CannedServer(_ => CannedServer.Http(status, body));
        Assert.Equal(exit, (await Executable.RunAsync(server.Path, line.Split(' '))).Exit);
    }

    [Theory]
    [InlineData("INT", ExitCode.Interrupted)]
    [InlineData("TERM", ExitCode.Terminated)]
    public async Task A_signal_ends_a_wait_cleanly(string signal, int exit)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new CannedServer(_ =>
        {
            asked.TrySetResult();
            return null;
        });
        var run = await Executable.RunAsync(Executable.Path, server.Path, [], ["create", "web"], meanwhile: async process =>
        {
            await asked.Task;
            await Executable.SignalAsync(process, signal);
        });
        Assert.Equal(new Run(string.Empty, string.Empty, exit), run);
    }

    [Fact]
    public async Task Output_into_a_closed_pipe_is_no_crash()
    {
        await using var server = Samples.Serve();
        var run = await Executable.RunAsync("/bin/sh", server.Path, [], ["-c", $"{Executable.Path} ls | true"]);
        Assert.Equal(new Run(string.Empty, string.Empty, 0), run);
    }

    [Fact]
    public async Task Events_end_when_nobody_reads_them_any_more()
    {
        var events = string.Concat(Enumerable.Repeat(Samples.Event + "\n", 10_000)); // more than a pipe holds
        await using var server = new CannedServer(_ => CannedServer.Http(200, events, length: int.MaxValue));
        var run = await Executable.RunAsync(
            "/bin/bash", server.Path, [], ["-c", $"{Executable.Path} events | head -1; echo ${{PIPESTATUS[0]}}"]);
        Assert.EndsWith($"Network web was created.\n{ExitCode.ReaderGone}\n", run.Out, StringComparison.Ordinal);
        Assert.Equal(string.Empty, run.Error);
    }

    [Fact]
    public async Task Exec_passes_arguments_input_output_and_exit_code_on()
    {
        await using var server = Samples.Serve();
        using var tools = new Tools("#!/bin/sh\nprintf '<%s>' \"$@\"\ncat\necho oops >&2\nexit 7\n");
        var run = await Executable.RunAsync(
            Executable.Path, server.Path, tools.Environment, ["sandbox", "exec", "c1", "--", "cmd", "--help", "a b", "--"], "input");
        Assert.Equal(new Run("<--net=/run/netd/netns/c1><--><cmd><--help><a b><-->input", "oops\n", 7), run);
    }

    [Fact]
    public async Task Exec_needs_no_dashes_before_the_command()
    {
        await using var server = Samples.Serve();
        using var tools = new Tools("#!/bin/sh\nprintf '<%s>' \"$@\"\n");
        var run = await Executable.RunAsync(
            Executable.Path, server.Path, tools.Environment, ["sandbox", "exec", "c1", "ip", "-br", "--help"]);
        Assert.Equal("<--net=/run/netd/netns/c1><--><ip><-br><--help>", run.Out);
    }

    [Fact]
    public async Task Exec_without_nsenter_says_what_to_install()
    {
        await using var server = Samples.Serve();
        var run = await Executable.RunAsync(
            Executable.Path, server.Path, new() { ["PATH"] = "/nowhere:." }, ["sandbox", "exec", "c1", "--", "true"]);
        Assert.Equal(ExitCode.CommandNotFound, run.Exit);
        Golden.Check("no-nsenter.txt", run.Error);
    }

    [Fact]
    public async Task Exec_of_an_unknown_sandbox_runs_nothing()
    {
        await using var server = new CannedServer(_ => CannedServer.Http(404, Refusal));
        using var tools = new Tools("#!/bin/sh\necho ran\n");
        var run = await Executable.RunAsync(Executable.Path, server.Path, tools.Environment, ["sandbox", "exec", "x", "true"]);
        Assert.Equal(new Run(string.Empty, "netctl: no\n", ExitCode.Failed), run);
    }

    [Fact]
    public async Task Exec_survives_the_keyboards_signal_to_report_its_command()
    {
        await using var server = Samples.Serve();
        using var tools = new Tools("#!/bin/sh\ntrap 'exit 9' USR1\nkill -INT $PPID\nkill -USR1 $$\nexit 1\n");
        var run = await Executable.RunAsync(Executable.Path, server.Path, tools.Environment, ["sandbox", "exec", "c1", "true"]);
        Assert.Equal(new Run(string.Empty, string.Empty, 9), run);
    }

    [Fact]
    public async Task Exec_enters_a_real_namespace()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        await using var server = new CannedServer(_ => CannedServer.Http(
            200, Samples.Sandbox.Replace("/run/netd/netns/c1", "/proc/self/ns/net", StringComparison.Ordinal)));
        var run = await Executable.RunAsync(server.Path, "sandbox", "exec", "c1", "--", "sh", "-c", "echo $0 $1; exit 5", "a", "b");
        Assert.Equal(new Run("a b\n", string.Empty, 5), run);
    }

    [Fact]
    public void A_program_is_found_by_absolute_directories_only()
    {
        using var tools = new Tools("#!/bin/sh\n");
        Assert.Equal($"{tools.Directory}/nsenter", ExecutablePath.Find("nsenter", $":.:relative:{tools.Directory}"));
        File.SetUnixFileMode($"{tools.Directory}/nsenter", UnixFileMode.UserRead);
        Assert.Null(ExecutablePath.Find("nsenter", tools.Directory));
        Assert.Null(ExecutablePath.Find("nsenter", path: null));
    }

    /// <summary>A directory with an <c>nsenter</c> of the test's own, first in PATH.</summary>
    private sealed class Tools : IDisposable
    {
        public Tools(string script)
        {
            File.WriteAllText($"{Directory}/nsenter", script);
            File.SetUnixFileMode($"{Directory}/nsenter", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("netctl-tools-").FullName;

        public Dictionary<string, string> Environment => new() { ["PATH"] = $"{Directory}:/usr/bin:/bin" };

        public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
    }
}

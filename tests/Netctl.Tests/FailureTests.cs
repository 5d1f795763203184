using System.Net.Sockets;
using Networking.Netctl.Client;
using Networking.Netctl.Output;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>What a person reads, and a script gets, when something is wrong on the way or at the other end.</summary>
public sealed class FailureTests
{
    private const string Refusal = """
        {"code":"network.invalid","message":"Network web cannot be created.","hint":"See netctl create --help.","details":[
        {"code":"subnet.host-bits","field":"--subnet","message":"10.20.1.0/16 has host bits","hint":"did you mean 10.20.0.0/16?"},
        {"code":"name.taken","field":"name","message":"web is taken"},
        {"code":"x","message":"an escape \u001b[31m and\na line"}]}
        """;

    [Fact]
    public async Task A_missing_socket_is_unreachable()
    {
        var run = await Run.InProcessAsync("unix:///nowhere/netd.sock", ["ls"]);
        Assert.Equal(ExitCode.Unreachable, run.Exit);
        Golden.Check("unreachable-no-socket.txt", run.Error);
    }

    [Fact]
    public async Task A_socket_without_a_listener_is_unreachable()
    {
        var path = Path.Combine(Path.GetTempPath(), $"netctl-dead-{Guid.NewGuid():N}.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path + ".bound"));
            File.Move(path + ".bound", path); // closing removes the name it was bound to
        }

        var run = await Run.InProcessAsync(path, ["ls"]);
        File.Delete(path);
        Assert.Equal(ExitCode.Unreachable, run.Exit);
        Assert.Contains("nobody listens on the socket", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forbidden_socket_names_the_group()
    {
        // Made by hand: tests may run as root, whom no socket forbids.
        var forbidden = new SocketException((int)SocketError.AccessDenied);
        var report = ErrorText.Of(Unreachable.Because("/run/netd/netd.sock", forbidden));
        Assert.Equal(ExitCode.Unreachable, report.Exit);
        Golden.Check("unreachable-permission.txt", report.Error);
    }

    [Fact]
    public async Task The_option_wins_over_the_environment()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync("/nowhere", ["ls", "--host", "unix://" + server.Path]);
        Assert.Equal(ExitCode.Done, run.Exit);
    }

    [Theory]
    [InlineData("tcp://localhost:1")]
    [InlineData("unix://relative")]
    [InlineData("unix://")]
    public async Task An_address_that_is_no_unix_socket_is_a_usage_error(string host)
    {
        Assert.Equal(ExitCode.Usage, (await Run.InProcessAsync(host: null, ["ls", "--host", host])).Exit);
        Assert.Equal(ExitCode.Usage, (await Run.InProcessAsync(host, ["ls"])).Exit);
    }

    [Fact]
    public async Task A_socket_path_that_the_kernel_cannot_hold_is_a_usage_error() =>
        Assert.Equal(ExitCode.Usage, (await Run.InProcessAsync("/" + new string('x', 107), ["ls"])).Exit);

    [Fact]
    public async Task A_refusal_is_printed_with_every_detail()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(400, Refusal), "create", "web");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Equal(string.Empty, run.Out);
        Golden.Check("refusal.txt", run.Error);
    }

    [Theory]
    [InlineData(500, "")]
    [InlineData(502, "<html>bad gateway</html>")]
    [InlineData(404, "{}")]
    [InlineData(404, "null")]
    [InlineData(400, """{"code":null,"message":null}""")]
    [InlineData(400, """{"code":"x","message":"m","details":null}""")]
    public async Task An_error_that_is_no_error_document_is_still_an_error(int status, string body)
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(status, body), "ls");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.StartsWith($"netctl: netd answered {status} without saying why", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("[1,2]")]
    [InlineData("[null]")]
    [InlineData("""[{"id":null}]""")]
    [InlineData("not json")]
    public async Task An_answer_that_is_not_understood_fails_in_words(string body)
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, body), "ls");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.StartsWith("netctl: netd's answer is not understood", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_answer_says_that_the_outcome_is_unknown()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, "[{", length: 5000), "rm", "web");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Golden.Check("truncated.txt", run.Error);
    }

    [Fact]
    public async Task A_connection_closed_without_an_answer_says_that_the_outcome_is_unknown()
    {
        var (run, _) = await Run.AgainstAsync([], "rm", "web");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains(AnswerJson.UnknownOutcome, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_on_the_socket_is_named()
    {
        var (run, _) = await Run.AgainstAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray(), "ls");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains("does not speak HTTP", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_refusal_of_several_does_not_stop_the_others()
    {
        await using var server = new CannedServer(request => request.Path.EndsWith("bad", StringComparison.Ordinal)
            ? CannedServer.Http(404, """{"code":"network.unknown","message":"There is no network bad."}""")
            : CannedServer.Http(200, Samples.Change(Samples.Done)));
        var run = await Run.InProcessAsync(server.Path, ["rm", "one", "bad", "two"]);
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal("web\nweb\n", run.Out);
        Assert.Equal("netctl: There is no network bad.\n", run.Error);
        Assert.Equal(ExitCode.Failed, run.Exit);
    }

    [Fact]
    public async Task What_was_done_before_the_daemon_went_is_told()
    {
        await using var server = new CannedServer(request => request.Path.EndsWith("three", StringComparison.Ordinal)
            ? []
            : CannedServer.Http(200, Samples.Change(Samples.Done)));
        var run = await Run.InProcessAsync(server.Path, ["rm", "one", "two", "three", "four"]);
        Assert.DoesNotContain(server.Requests, static r => r.Path.EndsWith("four", StringComparison.Ordinal));
        Assert.Equal("web\nweb\n", run.Out);
        Assert.StartsWith("netctl: ", run.Error, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Done, run.Exit);
    }

    [Fact]
    public async Task A_daemon_that_does_not_answer_in_time_is_reported()
    {
        await using var server = new CannedServer(_ => null);
        using var client = new DaemonClient(new DaemonAddress(server.Path));
        var exception = await Assert.ThrowsAsync<DaemonAnswerException>(() => client.SendAsync(
            HttpMethod.Get, ApiPath.Plan, body: null, Model.Api.ApiJson.Default.PlanDocument, TimeSpan.FromMilliseconds(50),
            TestContext.Current.CancellationToken));
        Assert.StartsWith("netd did not answer within", exception.Message, StringComparison.Ordinal);
    }
}

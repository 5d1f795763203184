using System.Globalization;
using System.Text.RegularExpressions;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Resolvers over the daemon's death: sockets that a service manager keeps, and what a sandbox costs.</summary>
public sealed class ResolverRestartTests : IAsyncLifetime
{
    private static readonly TimeSpan s_run = TimeSpan.FromMinutes(2);
    private Stage? _stage;
    private ServiceManager? _manager;

    private Stage Stage => _stage ?? throw new InvalidOperationException("the stage was not opened");

    private ServiceManager Manager => _manager ?? throw new InvalidOperationException("the manager was not started");

    public async ValueTask InitializeAsync() => _stage = await Stage.OpenAsync(hasWorld: false, before: stage =>
    {
        _manager = stage.Keep(new ServiceManager(stage.Folder));
        stage.Prelude = _manager.Prelude();
        return Task.FromResult(true);
    });

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }
    }

    // A question stays in its socket until its answer is out, and the socket is kept. dnsperf asks nothing twice: what is lost is
    // counted. A hundred questions that are always out keep the process busy, so that it dies with some in its hands.
    [Theory]
    [InlineData("a thousand a second", "1000", "60000")]
    [InlineData("as many as it can", "1000000", "100")]
    public async Task A_killed_daemon_loses_no_question(string rate, string perSecond, string atOnce)
    {
        const int kills = 3;
        _ = await Stage.NetworkAsync("app", "10.20.0.0/24");
        _ = await Stage.ContainerAsync("app", "web");
        var (client, _) = await Stage.ContainerAsync("app", "client");
        _ = await Stage.ContainerAsync("app", "goer");
        Assert.Equal(6, Manager.Kept.Length);
        var questions = $"{Stage.Folder}/questions";
        await File.WriteAllLinesAsync(questions, ["web A", "web.app A", "client.app AAAA"], Eventually.Cancel);
        var asking = Tool.RunAsync(
            s_run, null, "nsenter", $"--net={client.Path}", "dnsperf", "-s", "127.0.0.11", "-d", questions, "-Q", perSecond, "-l", "14", "-c", "4", "-q", atOnce, "-t", "60");

        var sockets = await SocketsAsync(client);
        for (var i = 0; i < kills; i++)
        {
            await Stage.Daemon.KillAsync();
            Assert.Equal(sockets, await SocketsAsync(client)); // nobody reads them, and they stand
            Stage.Prelude = Manager.Prelude();
            await Stage.StartAsync();
        }

        var text = (await asking).Succeeded();
        Assert.True(Regex.IsMatch(text, @"Queries lost:\s+0 "), $"{rate}: {text}");
        Assert.Matches(@"Response codes:\s+NOERROR \d+ \(100\.00%\)", text);
        Assert.True(int.Parse(Regex.Match(text, @"Queries sent:\s+(\d+)").Groups[1].Value, CultureInfo.InvariantCulture) > 12_000, text);
        Assert.Equal(sockets, await SocketsAsync(client));
        await Stage.AssertNothingDiffersAsync();

        // What nobody wants any more is not kept: it would keep the namespace alive.
        _ = (await Stage.Api.DisconnectAsync("app", "goer")).Change();
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(10), () => Manager.Kept.Length == 4, () => string.Join(' ', Manager.Kept));
    }

    [Fact]
    public async Task Sockets_of_a_sandbox_that_went_while_the_daemon_was_dead_are_given_up()
    {
        _ = await Stage.NetworkAsync("app", "10.20.0.0/24");
        var place = await Stage.NamespaceAsync("guest");
        _ = await Stage.ConnectAsync("app", place.Path);
        Assert.Equal(2, Manager.Kept.Length);
        await Stage.Daemon.KillAsync();
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(place.Path))).Succeeded();
        Stage.Prelude = Manager.Prelude();
        await Stage.StartAsync();

        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(10), () => Manager.Kept.Length == 0, () => string.Join(' ', Manager.Kept));
    }

    [Fact]
    public async Task A_sandbox_costs_four_descriptors_and_gives_them_back()
    {
        const int count = 1_000;
        const int atOnce = 8;
        _ = await Stage.NetworkAsync("many", "10.64.0.0/18");
        var before = Descriptors();
        using var slots = new SemaphoreSlim(atOnce);
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => InTurnAsync(async () =>
        {
            _ = (await Stage.Api.CreateSandboxAsync(string.Create(CultureInfo.InvariantCulture, $"s{i}"))).Change();
            _ = await Stage.ConnectAsync("many", string.Create(CultureInfo.InvariantCulture, $"s{i}"));
        })));

        // Its namespace, a netlink socket, and two of the resolver; those of other sockets inside come from a bounded cache.
        Assert.InRange((Descriptors() - before) / (double)count, 2, 4.2);
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(60), () => Manager.Kept.Length == 2 * count, () => $"{Manager.Kept.Length} are kept");
        foreach (var number in new[] { 0, 499, 999 })
        {
            var sandbox = (await Stage.Api.GetAsync($"/v1/sandboxes/s{number}")).As(ApiJson.Default.SandboxDocument);
            var asked = await Tool.RunAsync("nsenter", $"--net={sandbox.Path}", "dig", "@127.0.0.11", "+short", "+tries=2", $"s{999 - number}");
            Assert.StartsWith("10.64.", asked.Succeeded(), StringComparison.Ordinal);
        }

        await Task.WhenAll(Enumerable.Range(0, count).Select(i => InTurnAsync(async () =>
            _ = (await Stage.Api.SendAsync(HttpMethod.Delete, $"/v1/sandboxes/s{i}?force=true")).Change())));
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(60), () => Descriptors() < before + 60, () => $"{Descriptors()} descriptors, {before} before");

        async Task InTurnAsync(Func<Task> work)
        {
            await slots.WaitAsync(Eventually.Cancel);
            try
            {
                await work();
            }
            finally
            {
                _ = slots.Release();
            }
        }
    }

    [Fact]
    public async Task The_log_shows_the_questions_of_one_sandbox_from_the_moment_it_is_asked_for()
    {
        _ = await Stage.NetworkAsync("app", "10.20.0.0/24");
        var (client, _) = await Stage.ContainerAsync("app", "client");
        var (other, _) = await Stage.ContainerAsync("app", "other");
        using var log = Tool.Start(Stage.Netctl, ["--host", Stage.SocketPath, "dns", "log", "--sandbox", "client"]);
        try
        {
            // It is there when the first line is: until then it is asked again.
            var first = log.StandardOutput.ReadLineAsync(Eventually.Cancel).AsTask();
            _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(30), async () =>
            {
                _ = await client.RunAsync("dig", "@127.0.0.11", "+short", "+tries=1", "begin");
                return first.IsCompleted;
            }, static () => Task.FromResult("no line"));
            Assert.Contains("udp A     begin  NXDOMAIN names 0 ms", await first, StringComparison.Ordinal);
            _ = (await other.RunAsync("dig", "@127.0.0.11", "+short", "client")).Succeeded();
            _ = (await client.RunAsync("dig", "@127.0.0.11", "+tcp", "+short", "Other.app", "AAAA")).Succeeded();
            string? line;
            do
            {
                line = await log.StandardOutput.ReadLineAsync(Eventually.Cancel);
            }
            while (line?.Contains("begin", StringComparison.Ordinal) == true);
            Assert.EndsWith("tcp AAAA  Other.app  NOERROR names 0 ms", line, StringComparison.Ordinal);
        }
        finally
        {
            log.Kill();
            await log.WaitForExitAsync(CancellationToken.None);
        }
    }

    private int Descriptors() => Directory.GetFileSystemEntries($"/proc/{Stage.Daemon.Id}/fd").Length;

    // The inodes of the resolver's sockets: they are the same ones only if nobody opened others.
    private static async Task<string> SocketsAsync(Place client) => string.Join(
        ' ',
        (await client.RunAsync("ss", "-Hlnute", "src", "127.0.0.11")).Succeeded().Split([' ', '\n']).Where(static w => w.StartsWith("ino:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
}

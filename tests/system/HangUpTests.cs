using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests;

/// <summary>Clients that close the connection while their request is being done.</summary>
public sealed class HangUpTests(SharedStage shared) : SharedStageTests(shared)
{
    private const int Port = 8197;

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_client_that_hangs_up_leaves_the_endpoint_with_its_port_or_neither()
    {
        _ = await Stage.NetworkAsync("hang", "10.178.0.0/24");
        _ = await Stage.SandboxAsync("hang-a");
        var connected = 0;
        foreach (var attempt in Enumerable.Range(0, 60))
        {
            await HangUpAsync("POST /v1/networks/hang/connect", """{"sandbox":"hang-a","publish":["8197:80"]}""", attempt);
            connected += await SettleAsync() ? 1 : 0;
            _ = await Stage.Api.DisconnectAsync("hang", "hang-a");
            Assert.False(await IsBoundAsync());
        }

        Assert.InRange(connected, 1, 60);
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_port_that_is_taken_back_by_a_client_that_hangs_up_is_free()
    {
        _ = await Stage.NetworkAsync("hung", "10.179.0.0/24");
        _ = await Stage.ContainerAsync("hung", "hung-a");
        var changed = 0;
        foreach (var attempt in Enumerable.Range(0, 30))
        {
            _ = (await Stage.Api.UpdatePortsAsync("hung", "hung-a", ["8197:80"], [])).Change();
            await HangUpAsync("PATCH /v1/networks/hung/endpoint", """{"sandbox":"hung-a","unpublish":["8197"]}""", attempt);
            if (await SettleAsync())
            {
                _ = (await Stage.Api.UpdatePortsAsync("hung", "hung-a", [], ["8197"])).Change();
            }
            else
            {
                changed++;
            }

            Assert.False(await IsBoundAsync());
        }

        Assert.InRange(changed, 1, 30);
        await Stage.AssertNothingDiffersAsync();
    }

    // Gone after some tenths of a millisecond: before, within and after what the daemon does.
    private async Task HangUpAsync(string call, string json, int attempt)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Stage.SocketPath), Eventually.Cancel);
        _ = await socket.SendAsync(
            Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{call} HTTP/1.1\r\nHost: netd\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}")),
            Eventually.Cancel);
        var until = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(until) < TimeSpan.FromMilliseconds(attempt * 0.2))
        {
            Thread.SpinWait(100);
        }
    }

    // Whether the port is published, once that and the socket agree: a request that came late is done by then.
    private async Task<bool> SettleAsync()
    {
        await Task.Delay(TimeSpan.FromMilliseconds(100), Eventually.Cancel);
        var isPublished = false;
        _ = await Eventually.TrueAsync(
            s_soon,
            async () => (isPublished = await IsPublishedAsync()) == await IsBoundAsync(),
            () => Task.FromResult($"the port is {(isPublished ? "published, and nobody has it bound" : "not published, and still bound")}"));
        return isPublished;
    }

    private async Task<bool> IsPublishedAsync() =>
        (await Stage.Api.GetAsync("/v1/ports")).Text.Contains(Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private async Task<bool> IsBoundAsync() =>
        (await Stage.Host.RunAsync("ss", "-lntH", "sport", "=", Port.ToString(CultureInfo.InvariantCulture))).Succeeded().Length > 0;
}

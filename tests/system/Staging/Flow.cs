using System.Diagnostics;
using System.Net.Sockets;

namespace Networking.Daemon.Tests.Staging;

/// <summary>One TCP connection over which a byte goes back and forth all the time. Whether it ever broke is the point.</summary>
internal sealed class Flow : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly Task _work;
    private long _rounds;

    /// <summary>Over the two ends of a connection, which it takes over.</summary>
    public Flow(Socket client, Socket server)
    {
        (_client, _server) = (client, server);
        _work = Task.WhenAll(PassAsync(client, isFirst: true), PassAsync(server, isFirst: false));
    }

    /// <summary>Bytes that came back.</summary>
    public long Rounds => Interlocked.Read(ref _rounds);

    /// <summary>Connects from a place to a port of another.</summary>
    public static async Task<Flow> OpenAsync(Place from, Place to, string address, int port)
    {
        using var listener = to.Listen(address.Contains(':', StringComparison.Ordinal) ? "::" : "0.0.0.0", port);
        var client = await from.ConnectAsync(address, port);
        Assert.NotNull(client);
        return new Flow(client, await Place.AcceptAsync(listener));
    }

    /// <summary>Asserts that it still goes on.</summary>
    public async Task AssertRunsAsync()
    {
        var before = Rounds;
        var clock = Stopwatch.StartNew();
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(10), () => Rounds > before + 5, () => $"the connection stands still after {before} rounds, for {clock.Elapsed}: {_work.Exception?.Message}");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _client.Dispose();
        _server.Dispose();
        _end.Dispose();
    }

    private async Task PassAsync(Socket socket, bool isFirst)
    {
        var buffer = new byte[1];
        try
        {
            if (isFirst)
            {
                _ = await socket.SendAsync(buffer, _end.Token);
            }

            while (await socket.ReceiveAsync(buffer, _end.Token) > 0)
            {
                _ = isFirst ? Interlocked.Increment(ref _rounds) : 0;
                await Task.Delay(2, _end.Token);
                _ = await socket.SendAsync(buffer, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A TCP connection on which bytes come without end, each the one that has to come next.</summary>
internal sealed class Transfer : IDisposable
{
    private const int Period = 251; // prime: a block that is lost or comes twice does not go unnoticed
    private const int BlockBytes = Period * 16;
    private static readonly TimeSpan s_later = TimeSpan.FromSeconds(10);
    private readonly Socket _listener;
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly Task _sending;
    private readonly Task _receiving;
    private long _received;

    private Transfer(Socket listener, Socket client, Socket server)
    {
        (_listener, _client, _server) = (listener, client, server);
        _sending = SendAsync(server);
        _receiving = ReceiveAsync(client);
    }

    /// <summary>Bytes that came, in order.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Why it ended; null while it goes on.</summary>
    public string? Failure => new[] { _sending, _receiving }.FirstOrDefault(static t => t.IsCompleted) is { } ended
        ? ended.Exception?.InnerException?.Message ?? "it was closed"
        : null;

    /// <summary>Connects from a place to an address, behind which a port of another place is.</summary>
    public static async Task<Transfer> StartAsync(Place from, IPEndPoint to, Place server, int port)
    {
        var listener = server.Listen(to.AddressFamily == AddressFamily.InterNetworkV6 ? "::" : "0.0.0.0", port);
        var client = await from.ConnectAsync(to.Address.ToString(), to.Port);
        Assert.NotNull(client);
        return new Transfer(listener, client, await Place.AcceptAsync(listener));
    }

    /// <summary>Asserts that it goes on.</summary>
    public async Task GrowsAsync(Stage stage)
    {
        var before = Received;
        _ = await Eventually.TrueAsync(
            s_later,
            () =>
            {
                Assert.True(Failure is null, $"the transfer ended: {Failure}");
                return Task.FromResult(Received > before + 100_000);
            },
            async () => $"{Received - before} bytes more than {before}\n{await stage.Host.SightAsync()}");
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
    }

    private static async Task SendAsync(Socket socket)
    {
        var block = Enumerable.Range(0, BlockBytes).Select(static i => (byte)(i % Period)).ToArray();
        while (true)
        {
            for (var sent = 0; sent < block.Length;)
            {
                sent += await socket.SendAsync(block.AsMemory(sent));
            }

            await Task.Delay(1); // what matters is that it never stops, not how much it is
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        var buffer = new byte[BlockBytes];
        while (await socket.ReceiveAsync(buffer.AsMemory()) is var count and > 0)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] != (byte)((_received + i) % Period))
                {
                    throw new InvalidDataException($"byte {_received + i} is {buffer[i]}");
                }
            }

            _ = Interlocked.Add(ref _received, count);
        }
    }
}

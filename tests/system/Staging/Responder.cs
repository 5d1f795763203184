using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A server at one port of a place, TCP and UDP, that answers everybody with its own name.</summary>
internal sealed class Responder : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _tcp;
    private readonly Socket _udp;
    private readonly Task _work;
    private readonly byte[] _name;

    /// <summary>Starts it.</summary>
    public Responder(Place place, int port, string name, bool isIpv6 = false)
    {
        _name = Encoding.ASCII.GetBytes(name);
        _tcp = place.Listen(isIpv6 ? "::" : "0.0.0.0", port);
        _udp = place.Socket(isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _udp.Bind(new IPEndPoint(isIpv6 ? IPAddress.IPv6Any : IPAddress.Any, port));
        _work = Task.WhenAll(ServeTcpAsync(), ServeUdpAsync());
    }

    /// <summary>Who answers at an address over TCP; null if nobody does.</summary>
    public static async Task<string?> AskTcpAsync(Place from, string address, int port, bool isExpected = true)
    {
        using var client = await from.ConnectAsync(address, port, Patience(isExpected));
        if (client is null)
        {
            return null;
        }

        return await AnswerAsync(client, isExpected);
    }

    /// <summary>Who answers at an address over UDP; null if nobody does.</summary>
    public static async Task<string?> AskUdpAsync(Place from, string address, int port, bool isExpected = true)
    {
        var to = new IPEndPoint(IPAddress.Parse(address), port);
        using var client = from.Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        return await AskUdpAsync(client, to, isExpected);
    }

    /// <summary>The same with a socket of the caller's, whose port stays the same.</summary>
    public static async Task<string?> AskUdpAsync(Socket client, IPEndPoint to, bool isExpected = true)
    {
        _ = await client.SendToAsync("who"u8.ToArray(), to, Eventually.Cancel);
        return await AnswerAsync(client, isExpected);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _tcp.Dispose();
        _udp.Dispose();
        await _work;
        _end.Dispose();
    }

    private static async Task<string?> AnswerAsync(Socket client, bool isExpected)
    {
        using var timer = new CancellationTokenSource(Patience(isExpected));
        var buffer = new byte[64];
        try
        {
            var count = await client.ReceiveAsync(buffer, timer.Token);
            return count == 0 ? null : Encoding.ASCII.GetString(buffer, 0, count);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return null;
        }
    }

    private static TimeSpan Patience(bool isExpected) => TimeSpan.FromSeconds(isExpected ? 5 : 0.8);

    private async Task ServeTcpAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var client = await _tcp.AcceptAsync(_end.Token);
                _ = await client.SendAsync(_name, _end.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // This client is gone, or it is the end: the loop's condition tells.
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[64];
        var any = new IPEndPoint(_udp.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var came = await _udp.ReceiveFromAsync(buffer, any, _end.Token);
                _ = await _udp.SendToAsync(_name, came.RemoteEndPoint, _end.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // As above.
            }
        }
    }
}

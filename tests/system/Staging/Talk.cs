using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Networking.Daemon.Tests.Staging;

/// <summary>One question and answer over real sockets, between two namespaces.</summary>
internal static class Talk
{
    private const int Port = 4711;
    private static readonly TimeSpan s_never = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan s_surely = TimeSpan.FromSeconds(5);

    /// <summary>Opens a TCP connection and gets an answer; the address that the server saw, or null if it never came.</summary>
    public static async Task<string?> TcpAsync(Place from, Place to, string address, bool isExpected = true)
    {
        using var listener = to.Listen(IsIpv6(address) ? "::" : "0.0.0.0", Port);
        using var client = await from.ConnectAsync(address, Port, isExpected ? s_surely : s_never);
        if (client is null)
        {
            return null;
        }

        using var timer = new CancellationTokenSource(s_surely);
        using var server = await listener.AcceptAsync(timer.Token);
        _ = await server.SendAsync("answer"u8.ToArray(), timer.Token);
        var buffer = new byte[64];
        var count = await client.ReceiveAsync(buffer, timer.Token);
        Assert.Equal("answer", Encoding.ASCII.GetString(buffer, 0, count));
        return Seen(server.RemoteEndPoint);
    }

    /// <summary>Sends a datagram and gets it back; the address that the server saw, or null if nothing came.</summary>
    public static async Task<string?> UdpAsync(Place from, Place to, string address, bool isExpected = true)
    {
        var family = IsIpv6(address) ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        using var server = to.Socket(family, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IsIpv6(address) ? IPAddress.IPv6Any : IPAddress.Any, Port));
        using var client = from.Socket(family, SocketType.Dgram, ProtocolType.Udp);
        client.Bind(new IPEndPoint(IsIpv6(address) ? IPAddress.IPv6Any : IPAddress.Any, 0));
        using var timer = new CancellationTokenSource(isExpected ? s_surely : s_never);
        try
        {
            _ = await client.SendToAsync("question"u8.ToArray(), new IPEndPoint(IPAddress.Parse(address), Port), timer.Token);
            var buffer = new byte[64];
            var any = new IPEndPoint(IsIpv6(address) ? IPAddress.IPv6Any : IPAddress.Any, 0);
            var came = await server.ReceiveFromAsync(buffer, any, timer.Token);
            _ = await server.SendToAsync(buffer.AsMemory(0, came.ReceivedBytes), came.RemoteEndPoint, timer.Token);
            _ = await client.ReceiveAsync(buffer, timer.Token);
            return Seen(came.RemoteEndPoint);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return null;
        }
    }

    private static bool IsIpv6(string address) => address.Contains(':', StringComparison.Ordinal);

    private static string? Seen(EndPoint? endpoint) => (endpoint as IPEndPoint)?.Address.ToString();
}

using System.Net;
using System.Net.Sockets;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A router of the smallest kind: sends RFC 4861 advertisements that offer a default route and nothing else.</summary>
internal sealed class RouterAdvertiser : IDisposable
{
    // Type 134, code 0, checksum by the kernel, hop limit 64, no flags, lifetime 1800 s, no timers.
    private static readonly byte[] s_message = [134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    private readonly Socket _socket;
    private readonly IPEndPoint _everyone;

    private RouterAdvertiser(Socket socket, int index)
    {
        _socket = socket;
        _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, index);
        _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255); // others are not believed
        _everyone = new IPEndPoint(new IPAddress(IPAddress.Parse("ff02::1").GetAddressBytes(), index), 0);
    }

    public static async Task<RouterAdvertiser> OpenAsync(Place place, string link)
    {
        var index = (await place.LinkAsync(link))?.GetProperty("ifindex").GetInt32() ?? 0;
        return new RouterAdvertiser(place.Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6), index);
    }

    public async Task SendAsync() => await _socket.SendToAsync(s_message, _everyone);

    public void Dispose() => _socket.Dispose();
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>Sockets in one namespace that tell every client its own address, as they see it.</summary>
internal sealed class Answerer : IDisposable
{
    private const int Backlog = 512;
    private readonly List<Socket> _sockets;
    private readonly Task[] _loops; // they end with their sockets

    private Answerer(List<Socket> sockets)
    {
        _sockets = sockets;
        _loops = [.. sockets.Select(static s => s.SocketType == SocketType.Stream ? AcceptAsync(s) : EchoAsync(s))];
    }

    /// <summary>TCP and UDP on every port at every address.</summary>
    public static Answerer Open(Place place, IReadOnlyList<IPAddress> addresses, params int[] ports) => new(NativeNamespace.Run(place.Path, () =>
    {
        var sockets = new List<Socket>();
        foreach (var endpoint in addresses.SelectMany(a => ports.Select(p => new IPEndPoint(a, p))))
        {
            sockets.Add(Bound(endpoint, SocketType.Stream));
            sockets[^1].Listen(Backlog);
            sockets.Add(Bound(endpoint, SocketType.Dgram));
        }

        return sockets;
    }));

    /// <summary>Why a loop ended before its socket was closed; null as long as all answer.</summary>
    public Exception? Failure => _loops.FirstOrDefault(static l => l.IsFaulted)?.Exception;

    public void Dispose() => _sockets.ForEach(static s => s.Dispose());

    private static Socket Bound(IPEndPoint endpoint, SocketType type)
    {
        var socket = new Socket(endpoint.AddressFamily, type, ProtocolType.Unspecified);
        if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = false;
        }

        if (type == SocketType.Stream)
        {
            // The connections of the last one on this port, which it closed itself, may not be quite over.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }

        socket.Bind(endpoint);
        return socket;
    }

    private static async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                using var client = await listener.AcceptAsync();
                _ = await client.SendAsync(AddressOf(client.RemoteEndPoint));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return; // it was closed; any other error is that of one client
                }
            }
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        var any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        var buffer = new byte[64];
        while (true)
        {
            try
            {
                var came = await socket.ReceiveFromAsync(buffer, any);
                _ = await socket.SendToAsync(AddressOf(came.RemoteEndPoint), came.RemoteEndPoint);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return;
                }
            }
        }
    }

    private static byte[] AddressOf(EndPoint? endpoint) => Encoding.ASCII.GetBytes(((IPEndPoint)endpoint!).Address.ToString()); // a peer of an IP socket
}

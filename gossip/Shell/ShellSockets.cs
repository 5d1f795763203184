using System.Net;
using System.Net.Sockets;

namespace Networking.Gossip.Shell;

/// <summary>The two sockets of a node: UDP and TCP on one port.</summary>
internal sealed class ShellSockets : IDisposable
{
    private const int Backlog = 128;
    private const int ReceiveBufferBytes = 1024 * 1024;
    private const int TriesForFreePort = 16;

    private ShellSockets(Socket datagrams, Socket streams)
    {
        Datagrams = datagrams;
        Streams = streams;
    }

    public Socket Datagrams { get; }

    public Socket Streams { get; }

    /// <summary>Where both are bound.</summary>
    public IPEndPoint Bound => (IPEndPoint)Datagrams.LocalEndPoint!; // it is bound

    /// <summary>Binds both; with port 0 both get the same free one.</summary>
    /// <exception cref="SocketException">The address is taken, or not of this host.</exception>
    public static ShellSockets Bind(IPEndPoint listen)
    {
        for (var tries = 1; ; tries++)
        {
            Socket? datagrams = null, streams = null;
            try
            {
                datagrams = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                HearBoth(datagrams, listen);
                datagrams.ReceiveBufferSize = ReceiveBufferBytes; // a burst of news waits here; the kernel cuts it to its own bound
                datagrams.Bind(listen);
                streams = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                HearBoth(streams, listen);
                streams.Bind(new IPEndPoint(listen.Address, ((IPEndPoint)datagrams.LocalEndPoint!).Port)); // it is bound
                streams.Listen(Backlog);
                return new ShellSockets(datagrams, streams);
            }
            catch (SocketException e)
            {
                datagrams?.Dispose();
                streams?.Dispose();
                if (listen.Port != 0 || e.SocketErrorCode != SocketError.AddressAlreadyInUse || tries == TriesForFreePort)
                {
                    throw;
                }
            }
        }
    }

    public void Dispose()
    {
        Datagrams.Dispose();
        Streams.Dispose();
    }

    private static void HearBoth(Socket socket, IPEndPoint listen)
    {
        if (listen.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = listen.Address.Equals(IPAddress.IPv6Any);
        }
    }
}

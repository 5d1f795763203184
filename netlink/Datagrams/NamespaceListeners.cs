using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Opens sockets inside namespaces that answer there: one of UDP and one of TCP with the same port.</summary>
public sealed class NamespaceListeners : IDisposable
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int ReceiveBufferForce = 33; // SO_RCVBUFFORCE
    private const int ReceiveBytes = 4 << 20; // a limit, not memory: thousands of questions at once find room

    private readonly NamespaceDirectory _directory;

    internal NamespaceListeners(NamespaceDirectory directory) => _directory = directory;

    /// <summary>Moves the datagrams of all of them.</summary>
    public DatagramLoop Loop { get; } = new();

    /// <summary>Opens both sockets.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="addresses">On the first of these IPv4 addresses that nobody has a UDP socket on; on the last without looking.</param>
    /// <param name="ports">The first port that both get is taken.</param>
    /// <param name="receiver">Takes the datagrams.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="KernelException">The namespace is gone, or no port of these is free.</exception>
    public Task<NamespaceListener> OpenAsync(
        NetNs ns, ImmutableArray<IPAddress> addresses, ImmutableArray<int> ports, IDatagramReceiver receiver, CancellationToken cancellationToken) =>
        _directory.Lanes.RunAsync(ns, Lane.Sysctl, () => Open(ns, addresses, ports, receiver), cancellationToken);

    /// <summary>Stops the thread that moves the datagrams.</summary>
    public void Dispose() => Loop.Dispose();

    // One journey into the namespace for all of it.
    private NamespaceListener Open(NetNs ns, ImmutableArray<IPAddress> addresses, ImmutableArray<int> ports, IDatagramReceiver receiver)
    {
        var bound = new BoundAddresses();
        var (udp, tcp) = (default(FileDescriptor), default(FileDescriptor));
        var (errno, address, port) = (0, addresses[^1], 0);
        _directory.RunInside(ns, () =>
        {
            address = addresses[..^1].FirstOrDefault(a => !bound.Has(a)) ?? addresses[^1];
            foreach (var candidate in ports)
            {
                port = candidate;
                if (PortSocket.TryOpen(Claim(PortProtocol.Udp), out errno) is { } opened)
                {
                    if (PortSocket.TryOpen(Claim(PortProtocol.Tcp), out errno) is { } listening)
                    {
                        (udp, tcp) = (opened, listening);
                        return;
                    }

                    opened.Dispose();
                }
            }
        });
        if (udp is null || tcp is null)
        {
            throw SystemCalls.Refused(errno, $"open sockets on {address} in {ns}, at any of ports {ports[0]}–{ports[^1]}");
        }

        Enlarge(udp);
        return new NamespaceListener(new IPEndPoint(address, port), Loop.Add(udp, receiver), new PortReservation(Claim(PortProtocol.Tcp), tcp));

        PortClaim Claim(PortProtocol protocol) => new(protocol, address, port, IsForwarded: true);
    }

    private static unsafe void Enlarge(FileDescriptor socket)
    {
        var bytes = ReceiveBytes;
        if (Libc.setsockopt(socket.Number, SocketLevel, ReceiveBufferForce, &bytes, sizeof(int)) != 0)
        {
            throw SystemCalls.Refused(Errno.Last, "let a socket hold more datagrams (SO_RCVBUFFORCE)");
        }
    }
}

/// <summary>Two sockets that answer in a namespace.</summary>
public sealed class NamespaceListener : IDisposable
{
    private readonly IDatagramSocket _datagrams;
    private readonly IReservedSocket _stream;

    internal NamespaceListener(IPEndPoint address, IDatagramSocket datagrams, IReservedSocket stream) => (Address, _datagrams, _stream) = (address, datagrams, stream);

    /// <summary>Where both are bound.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The listening one.</summary>
    public Socket Stream => _stream.Socket;

    /// <summary>Closes both.</summary>
    public void Dispose()
    {
        _datagrams.Dispose();
        _stream.Dispose();
    }
}

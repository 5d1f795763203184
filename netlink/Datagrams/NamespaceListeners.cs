using System.Collections.Immutable;
using System.Globalization;
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
    private readonly DescriptorStore _store;

    internal NamespaceListeners(NamespaceDirectory directory, DescriptorStore store) => (_directory, _store) = (directory, store);

    /// <summary>Moves the datagrams of all of them.</summary>
    public DatagramLoop Loop { get; } = new();

    /// <summary>Opens both sockets, or takes those that an earlier process of ours had there and the service manager kept.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="addresses">On the first of these IPv4 addresses that nobody has a UDP socket on; on the last without looking.</param>
    /// <param name="ports">The first port that both get is taken.</param>
    /// <param name="receiver">Takes the datagrams.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="KernelException">The namespace is gone, or no port of these is free.</exception>
    public Task<NamespaceListener> OpenAsync(
        NetNs ns, ImmutableArray<IPAddress> addresses, ImmutableArray<int> ports, IDatagramReceiver receiver, CancellationToken cancellationToken) =>
        _directory.Lanes.RunAsync(ns, Lane.Sysctl, () => Open(ns, addresses, ports, receiver), cancellationToken, resultMustBeTaken: true);

    /// <summary>Opens a socket inside a namespace for somebody who asks out of it. Whoever has it closes it.</summary>
    /// <exception cref="IOException">The namespace is gone, or no descriptor is left.</exception>
    public async ValueTask<Socket> OpenClientAsync(NetNs ns, AddressFamily family, SocketType type, CancellationToken cancellationToken)
    {
        try
        {
            return await _directory.Lanes.RunAsync(ns, Lane.Sysctl, () => OpenClient(ns, family, type), cancellationToken, resultMustBeTaken: true);
        }
        catch (KernelException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Every sandbox has its sockets: what the service manager kept for others is given up.</summary>
    public void ForgetRest() => _store.ForgetRest();

    /// <summary>Stops the thread that moves the datagrams.</summary>
    public void Dispose() => Loop.Dispose();

    private Socket OpenClient(NetNs ns, AddressFamily family, SocketType type)
    {
        const int inet = 2; // AF_INET
        const int inet6 = 10; // AF_INET6
        var opened = _directory.OpenRawSocket(
            ns, family == AddressFamily.InterNetworkV6 ? inet6 : inet, (int)type, 0, $"open a socket in {ns} to ask a server");
        var owned = new SafeSocketHandle(opened.Number, ownsHandle: true);
        opened.SetHandleAsInvalid(); // the socket closes it from now on
        return new Socket(owned);
    }

    // Both of a pair, or neither.
    private (FileDescriptor Udp, FileDescriptor Tcp, IPEndPoint Address)? TakeKept(NetNs ns)
    {
        var (udp, tcp) = (_store.Take(NameOf(ns, PortProtocol.Udp)), _store.Take(NameOf(ns, PortProtocol.Tcp)));
        if (udp is not null && tcp is not null && SocketName.Of(udp) is { } address && address.Equals(SocketName.Of(tcp)) && IsIn(ns, udp) && IsIn(ns, tcp))
        {
            return (udp, tcp, address);
        }

        udp?.Dispose();
        tcp?.Dispose();
        return null;
    }

    private static bool IsIn(NetNs ns, FileDescriptor socket) => SystemCalls.NetnsCookieOf(socket) == ns.Cookie;

    private static string NameOf(NetNs ns, PortProtocol protocol) =>
        string.Create(CultureInfo.InvariantCulture, $"resolver-{ns.Cookie:x}-{(protocol == PortProtocol.Udp ? "udp" : "tcp")}");

    private void Forget(NetNs ns)
    {
        _store.Forget(NameOf(ns, PortProtocol.Udp));
        _store.Forget(NameOf(ns, PortProtocol.Tcp));
    }

    // One journey into the namespace for all of it.
    private NamespaceListener Open(NetNs ns, ImmutableArray<IPAddress> addresses, ImmutableArray<int> ports, IDatagramReceiver receiver)
    {
        if (TakeKept(ns) is var (keptUdp, keptTcp, where))
        {
            return Serve(ns, where, keptUdp, keptTcp, receiver);
        }

        var bound = new BoundAddresses();
        var (udp, tcp) = (default(FileDescriptor), default(FileDescriptor));
        var (errno, address, port) = (0, addresses[^1], 0);
        _directory.RunInside(ns, () =>
        {
            address = addresses[..^1].FirstOrDefault(a => !bound.Has(a)) ?? addresses[^1];
            foreach (var candidate in ports)
            {
                port = candidate;
                if (PortSocket.TryOpen(Claim(PortProtocol.Udp), out errno, needsAddress: false) is { } opened)
                {
                    if (PortSocket.TryOpen(Claim(PortProtocol.Tcp), out errno, needsAddress: false) is { } listening)
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
        _store.Keep(NameOf(ns, PortProtocol.Udp), udp);
        _store.Keep(NameOf(ns, PortProtocol.Tcp), tcp);
        return Serve(ns, new IPEndPoint(address, port), udp, tcp, receiver);

        PortClaim Claim(PortProtocol protocol) => new(protocol, address, port, IsForwarded: true);
    }

    private NamespaceListener Serve(NetNs ns, IPEndPoint address, FileDescriptor udp, FileDescriptor tcp, IDatagramReceiver receiver)
    {
        var claim = new PortClaim(PortProtocol.Tcp, address.Address, address.Port, IsForwarded: true);
        return new NamespaceListener(address, Loop.Add(udp, receiver), new PortReservation(claim, tcp), () => Forget(ns));
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
    private readonly Action _forget;

    internal NamespaceListener(IPEndPoint address, IDatagramSocket datagrams, IReservedSocket stream, Action forget) =>
        (Address, _datagrams, _stream, _forget) = (address, datagrams, stream, forget);

    /// <summary>Where both are bound.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The listening one.</summary>
    public Socket Stream => _stream.Socket;

    /// <summary>They are not wanted any more: nor is to keep them.</summary>
    public void Forget() => _forget();

    /// <summary>Closes both; what is kept of them stays for the next process.</summary>
    public void Dispose()
    {
        _datagrams.Dispose();
        _stream.Dispose();
    }
}

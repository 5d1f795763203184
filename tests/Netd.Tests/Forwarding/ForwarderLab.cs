using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Forwarding;
using Networking.Netlink;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Forwarding;

/// <summary>A forwarder on loopback addresses with a clock of its own. The target and all clients are the framework's sockets.</summary>
internal sealed class ForwarderLab : IAsyncDisposable
{
    private readonly List<IDisposable> _open = [];

    public ForwarderLab(ForwarderOptions? options = null) =>
        Forwarder = new PortForwarder(options ?? new ForwarderOptions(), Time, (_, client, _) => Admits(client), new Told(this));

    public ManualTime Time { get; } = new();

    public PortForwarder Forwarder { get; }

    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>Who may reach the ports; everybody unless a test says otherwise.</summary>
    public Func<IPAddress, bool> Admits { get; set; } = static _ => true;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A listening target.</summary>
    public Socket Target(ProtocolType protocol = ProtocolType.Tcp, int port = 0)
    {
        var socket = protocol == ProtocolType.Tcp
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, protocol)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, protocol);
        _open.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        if (protocol == ProtocolType.Tcp)
        {
            socket.Listen();
        }

        return socket;
    }

    /// <summary>A port of the host, forwarded to the target.</summary>
    public FakeReservation Forward(IPEndPoint target, PortProtocol protocol = PortProtocol.Tcp)
    {
        var reservation = new FakeReservation(protocol);
        _open.Add(reservation);
        Forwarder.Add(reservation, target, PortExposure.World);
        return reservation;
    }

    public FakeReservation Forward(Socket target) =>
        Forward((IPEndPoint)target.LocalEndPoint!, target.ProtocolType == ProtocolType.Udp ? PortProtocol.Udp : PortProtocol.Tcp); // bound

    /// <summary>A connected client.</summary>
    public async Task<Socket> ClientAsync(FakeReservation port)
    {
        var client = port.Claim.Protocol == PortProtocol.Udp
            ? new Socket(port.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(port.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _open.Add(client);
        await client.ConnectAsync(port.EndPoint, Cancel);
        return client;
    }

    /// <summary>A client and what the target has accepted from the forwarder.</summary>
    public async Task<(Socket Client, Socket Accepted)> ConnectAsync(FakeReservation port, Socket target)
    {
        var client = await ClientAsync(port);
        var accepted = await target.AcceptAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        _open.Add(accepted);
        return (client, accepted);
    }

    /// <summary>Everything until the other side ends.</summary>
    public static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        while (await ReceiveAsync(socket, buffer) is > 0 and var count)
        {
            await bytes.WriteAsync(buffer.AsMemory(0, count), Cancel);
        }

        return bytes.ToArray();
    }

    public static async Task<int> ReceiveAsync(Socket socket, byte[] buffer) =>
        await socket.ReceiveAsync(buffer, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancel);

    /// <summary>What a read of a socket fails with.</summary>
    public static async Task<SocketError> FailureAsync(Socket socket) =>
        (await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(socket, new byte[1]))).SocketErrorCode;

    /// <summary>A client of the port is reset: as soon as it is connected, or a little later.</summary>
    public async Task IsResetAsync(FakeReservation port)
    {
        var reset = await Assert.ThrowsAsync<SocketException>(async () => await ReceiveAsync(await ClientAsync(port), new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), what);
            await Task.Delay(5, Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Forwarder.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.Equal((0, 0), Forwarder.Counters.Open);
        Assert.DoesNotContain(Log, static line => line.Contains("broke", StringComparison.Ordinal));
        foreach (var item in _open)
        {
            item.Dispose();
        }
    }

    private sealed class Told(ForwarderLab lab) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lab.Log.Enqueue(formatter(state, exception) + exception);
    }
}

/// <summary>A bound socket on a loopback address, as the kernel's would be.</summary>
internal sealed class FakeReservation : IReservedSocket
{
    public FakeReservation(PortProtocol protocol)
    {
        var address = Socket.OSSupportsIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        Socket = protocol == PortProtocol.Udp
            ? new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        Socket.Bind(new IPEndPoint(address, 0));
        if (protocol != PortProtocol.Udp)
        {
            Socket.Listen();
        }

        EndPoint = (IPEndPoint)Socket.LocalEndPoint!; // bound
        Claim = new PortClaim(protocol, address, EndPoint.Port, IsForwarded: true);
    }

    public PortClaim Claim { get; }

    public IPEndPoint EndPoint { get; }

    public Socket Socket { get; }

    public KernelError? Reply(ReadOnlySpan<byte> datagram, IPAddress source, IPEndPoint client)
    {
        Assert.Equal(EndPoint.Address, source);
        _ = Socket.SendTo(datagram, client);
        return null;
    }

    public void Dispose() => Socket.Dispose();
}

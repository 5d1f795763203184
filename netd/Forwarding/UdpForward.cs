using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Networking.Netd.Forwarding;

/// <summary>
/// Receives on one UDP port and passes datagrams on, each client by a session of its own; answers leave from the address that
/// the client has written to.
/// </summary>
internal sealed class UdpForward : IForward
{
    /// <summary>The longest datagram there is without jumbograms, which no IPv4 target could take.</summary>
    public const int DatagramBytesMax = 65_535;

    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromSeconds(1);

    private readonly ForwardedPort _port;
    private readonly SemaphoreSlim _allSlots;
    private readonly TimeProvider _time;
    private readonly UdpSessionTable _sessions;
    private readonly IPEndPoint _anybody;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RunningWork _receiving;
    private readonly RunningWork _answering;
    private readonly ITimer _sweep;

    /// <param name="port">What is forwarded.</param>
    /// <param name="options">Limits.</param>
    /// <param name="allSlots">One for each session that there may be on all ports; shared, and not this object's.</param>
    /// <param name="time">Clock of the sessions' ends.</param>
    public UdpForward(ForwardedPort port, ForwarderOptions options, SemaphoreSlim allSlots, TimeProvider time)
    {
        (_port, _allSlots, _time) = (port, allSlots, time);
        _anybody = new IPEndPoint(port.Reservation.Claim.Address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        _sessions = new UdpSessionTable(options.SessionsPerPortMax, options.SessionIdle, time);
        _receiving = new RunningWork(port.Tell);
        _answering = new RunningWork(port.Tell);
        var every = options.SessionIdle / 9;
        _sweep = time.CreateTimer(static self => ((UdpForward)self!).Sweep(), this, every, every);
    }

    public void Start() => _receiving.Start(ReceiveAllAsync);

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        await _stopping.CancelAsync();
        await _receiving.WhenEmptyAsync(); // from now on no session begins
        while (_sessions.TakeOldest() is { } session)
        {
            End(session);
        }

        await _answering.WhenEmptyAsync();
        _stopping.Dispose();
    }

    private async Task ReceiveAllAsync()
    {
        try
        {
            while (true)
            {
                try
                {
                    await ReceiveOnceAsync();
                }
                catch (SocketException exception)
                {
                    _port.Tell("cannot receive", exception.Message);
                    await Task.Delay(PauseAfterRefusal, _time, _stopping.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task ReceiveOnceAsync()
    {
        var socket = _port.Reservation.Socket;
        _ = await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, _stopping.Token); // waits, holding no buffer
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var buffer = ArrayPool<byte>.Shared.Rent(DatagramBytesMax);
        try
        {
            var datagram = await socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, _anybody, _stopping.Token);
            var key = new UdpSessionKey((IPEndPoint)datagram.RemoteEndPoint, datagram.PacketInformation.Address);
            if (!IsMulticast(key.Addressed) && Find(key) is { } session)
            {
                await session.SendAsync(buffer.AsMemory(0, datagram.ReceivedBytes));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // No answer could come from such an address.
    private static bool IsMulticast(IPAddress address) => address.IsIPv6Multicast
        || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224);

    private UdpSession? Find(UdpSessionKey key) =>
        _sessions.TryUse(key, out var known) ? known
        : _port.Admits(key.Client.Address) ? Begin(key)
        : null;

    private UdpSession? Begin(UdpSessionKey key)
    {
        if (!HasRoom())
        {
            _port.Counters.LoseDatagram();
            _port.Tell("there is no room for more clients", "as many sessions as there may be");
            return null;
        }

        UdpSession session;
        try
        {
            session = new UdpSession(_port, key, _sessions.Touch);
        }
        catch (SocketException exception)
        {
            _ = _allSlots.Release();
            _port.Counters.LoseDatagram();
            _port.Tell("cannot reach the target", exception.Message);
            return null;
        }

        _sessions.Add(session);
        _port.Counters.OpenSession();
        _answering.Start(session.AnswerAsync);
        return session;
    }

    // Takes a slot of all, if need be from the own session that was silent longest.
    private bool HasRoom()
    {
        if (!_sessions.IsFull && _allSlots.Wait(0))
        {
            return true;
        }

        if (_sessions.TakeOldest() is not { } oldest)
        {
            return false;
        }

        _port.Counters.Evict();
        End(oldest);
        return _allSlots.Wait(0);
    }

    private void Sweep()
    {
        while (_sessions.TakeExpired() is { } session)
        {
            End(session);
        }
    }

    private void End(UdpSession session)
    {
        session.Dispose();
        _port.Counters.CloseSession();
        _ = _allSlots.Release();
    }
}

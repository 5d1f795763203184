using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Networking.Netd.Forwarding;

/// <summary>Who talks to which of the host's addresses: to each, answers come from that address.</summary>
/// <param name="Client">The client.</param>
/// <param name="Addressed">The address of the host that it sends to.</param>
internal readonly record struct UdpSessionKey(IPEndPoint Client, IPAddress Addressed);

/// <summary>One client of a UDP port, with a socket of its own towards the target so that answers find the way back.</summary>
internal sealed class UdpSession : IDisposable
{
    private readonly ForwardedPort _port;
    private readonly Socket _socket;
    private readonly Action<UdpSession> _touch;

    /// <param name="port">Whose client it is.</param>
    /// <param name="key">Who it is.</param>
    /// <param name="touch">Is told of every answer: the session lives.</param>
    /// <exception cref="SocketException">No descriptors left, or no way to the target.</exception>
    public UdpSession(ForwardedPort port, UdpSessionKey key, Action<UdpSession> touch)
    {
        (_port, Key, _touch) = (port, key, touch);
        _socket = new Socket(port.Target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.Connect(port.Target); // from now on it hears the target alone; no packet is sent
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    public UdpSessionKey Key { get; }

    /// <summary>Time stamp of the last datagram in either direction; the table's to read and write.</summary>
    public long LastUsed { get; set; }

    /// <summary>Passes a datagram on. One that the target refuses is lost, as it would be on any way.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> datagram)
    {
        try
        {
            _port.Counters.PassToTarget(await SendOnceAsync(datagram) ?? await _socket.SendAsync(datagram, SocketFlags.None));
        }
        catch (SocketException exception)
        {
            _port.Counters.LoseDatagram();
            _port.Tell("cannot send to the target", exception.Message);
        }
        catch (ObjectDisposedException)
        {
            _port.Counters.LoseDatagram(); // it made room meanwhile
        }
    }

    /// <summary>Passes the target's answers on, until the session is disposed.</summary>
    public async Task AnswerAsync()
    {
        while (true)
        {
            try
            {
                await AnswerOnceAsync();
            }
            catch (SocketException exception) when (exception.SocketErrorCode != SocketError.OperationAborted)
            {
                // The kernel tells of a datagram that the target did not take (ICMP); the next one may be.
                _port.Counters.LoseDatagram();
                _port.Tell("the target refuses datagrams", exception.Message);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    // The kernel tells here of an earlier datagram that was refused, and then this one is still to be sent.
    private async ValueTask<int?> SendOnceAsync(ReadOnlyMemory<byte> datagram)
    {
        try
        {
            return await _socket.SendAsync(datagram, SocketFlags.None);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return null;
        }
    }

    private async Task AnswerOnceAsync()
    {
        _ = await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek); // waits, holding no buffer
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var buffer = ArrayPool<byte>.Shared.Rent(UdpForward.DatagramBytesMax);
        try
        {
            var bytes = await _socket.ReceiveAsync(buffer, SocketFlags.None);
            _touch(this);
            if (_port.Reservation.Reply(buffer.AsSpan(0, bytes), Key.Addressed, Key.Client) is { } error)
            {
                _port.Counters.LoseDatagram();
                _port.Tell("cannot answer a client", error.ErrnoName);
                return;
            }

            _port.Counters.PassToClient(bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

using System.Buffers;
using System.Net.Sockets;

namespace Networking.Netd.Forwarding;

/// <summary>
/// One forwarded connection: bytes go both ways until both sides have ended. An end in one direction is passed on and leaves
/// the other open; a reset on either side resets the other. Silence ends nothing; keepalive probes end what is dead.
/// </summary>
/// <remarks>
/// <code>
///   client ──► [ receive, send ] ──► target        FIN from the client: shut down towards the target, keep reading it
///   client ◄── [ send, receive ] ◄── target
/// </code>
/// A direction that waits holds no buffer.
/// </remarks>
internal sealed class TcpRelay : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int KeepAliveSeconds = 300;
    private const int KeepAliveProbeSeconds = 30;
    private const int KeepAliveProbes = 5;

    private readonly Socket _client;
    private readonly Socket _target;
    private readonly ForwarderCounters _counters;

    /// <param name="client">Accepted; becomes this object's.</param>
    /// <param name="target">Connected; becomes this object's.</param>
    /// <param name="counters">Counts the bytes.</param>
    public TcpRelay(Socket client, Socket target, ForwarderCounters counters) =>
        (_client, _target, _counters) = (client, target, counters);

    /// <summary>Runs until both directions have ended or one has failed.</summary>
    /// <exception cref="SocketException">The client was gone before its first byte.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        Prepare(_client);
        Prepare(_target);
        await using var abort = stopping.UnsafeRegister(static relay => ((TcpRelay)relay!).Abort(), this);
        var up = CopyAsync(_client, _target, _counters.PassToTarget);
        var down = CopyAsync(_target, _client, _counters.PassToClient);
        await up;
        await down;
    }

    /// <summary>Closes a connection so that its other side sees a reset, not an end.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is reset or closed already.
        }

        // Not Dispose: while somebody still reads, that would shut it down first, and the other side might see the end before the reset.
        socket.Close(timeout: 0);
    }

    public void Dispose()
    {
        _client.Dispose();
        _target.Dispose();
    }

    private static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
    }

    private async Task CopyAsync(Socket from, Socket to, Action<int> count)
    {
        try
        {
            while (await PassAsync(from, to) is > 0 and var bytes)
            {
                count(bytes);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Abort(); // one side is gone: the other must not wait for what never comes
        }
    }

    private static async ValueTask<int> PassAsync(Socket from, Socket to)
    {
        _ = await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None); // waits, holding nothing

        // The thread that said so reads everybody's sockets, and a fast connection would never leave it.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var bytes = await from.ReceiveAsync(buffer, SocketFlags.None);
            for (var sent = 0; sent < bytes;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, bytes - sent), SocketFlags.None);
            }

            return bytes;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Abort()
    {
        Reset(_client);
        Reset(_target);
    }
}

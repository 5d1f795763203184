using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Shell;

/// <summary>
/// One TCP connection: a length of four bytes, big-endian, then a frame, as often as it takes. Whoever dawdles is ended by the core,
/// which closes the stream; what is still to send then has a few seconds.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The core may close a link at the moment it ends by itself; once cancelled, _ending holds no timer any more.")]
internal sealed class StreamLink(int number, ShellCounters counters, TimeProvider time, Func<GossipInput, ValueTask> happened)
{
    private const int LengthBytes = sizeof(uint);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly Channel<byte[]> _outbox = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _ending = new(Timeout.InfiniteTimeSpan, time);
    private long _waiting;

    /// <summary>Queues a frame: false if more waits than a conversation may have, and the link is to be closed.</summary>
    public bool TrySend(byte[] frame) =>
        Interlocked.Add(ref _waiting, frame.Length) <= 2L * WireLimits.ConversationBytesMax && _outbox.Writer.TryWrite(frame);

    /// <summary>Ends the link when all is sent.</summary>
    public void Close()
    {
        if (_outbox.Writer.TryComplete())
        {
            _ending.CancelAfter(CloseTimeout);
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Abort()
    {
        _ = _outbox.Writer.TryComplete();
        _ending.Cancel();
    }

    /// <summary>Connects and then carries frames until either side ends it; says so once.</summary>
    public async Task OpenAsync(IPEndPoint to)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var late = new CancellationTokenSource(ConnectTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _ending.Token);
            await socket.ConnectAsync(to, either.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            await happened(new GossipInput.StreamClosed(number)); // nobody there: the core knows what that means
            return;
        }

        await CarryAsync(socket);
    }

    /// <summary>Carries frames of an open connection until either side ends it; says so once.</summary>
    public async Task CarryAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var writing = WriteAsync(socket);
            await ReadAsync(socket);
            Abort(); // the other side is gone
            await writing;
        }

        await happened(new GossipInput.StreamClosed(number));
    }

    private async Task ReadAsync(Socket socket)
    {
        var head = new byte[LengthBytes];
        try
        {
            while (await FillAsync(socket, head))
            {
                var length = BinaryPrimitives.ReadUInt32BigEndian(head);
                if (length is 0 or > WireLimits.StreamFrameBytesMax)
                {
                    await happened(new GossipInput.StreamRefused(number, length));
                    return;
                }

                var frame = new byte[length];
                if (!await FillAsync(socket, frame))
                {
                    return;
                }

                counters.CountStreamBytes(0, LengthBytes + frame.Length);
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // much may follow: not in the thread that waits for sockets
                await happened(new GossipInput.StreamFrame(number, frame));
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Reset, or ended here: the same as closed.
        }
    }

    private async Task<bool> FillAsync(Socket socket, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = await socket.ReceiveAsync(buffer, SocketFlags.None, _ending.Token);
            if (count == 0)
            {
                return false;
            }

            buffer = buffer[count..];
        }

        return true;
    }

    private async Task WriteAsync(Socket socket)
    {
        var head = new byte[LengthBytes];
        try
        {
            await foreach (var frame in _outbox.Reader.ReadAllAsync(_ending.Token))
            {
                BinaryPrimitives.WriteUInt32BigEndian(head, (uint)frame.Length);
                await SendAllAsync(socket, head);
                await SendAllAsync(socket, frame);
                counters.CountStreamBytes(LengthBytes + frame.Length, 0);
                _ = Interlocked.Add(ref _waiting, -frame.Length);
            }

            socket.Shutdown(SocketShutdown.Send); // the other side reads to the end, and closes
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The reading side meets the same end, and says so.
        }
    }

    private async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, _ending.Token)..];
        }
    }
}

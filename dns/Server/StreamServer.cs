using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Networking.Model;

namespace Networking.Dns;

/// <summary>
/// Answers questions by TCP, for all sandboxes: a length, a question, a length, an answer, as often as the client likes. A
/// connection that dawdles is closed; nothing is kept for one but what it has sent of a single question.
/// </summary>
public sealed class StreamServer : IAsyncDisposable
{
    private readonly Resolver _resolver;
    private readonly StreamLimits _limits;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RunningAnswers _running = new();
    private long _turnedAway;

    /// <param name="resolver">Answers.</param>
    /// <param name="limits">Limits.</param>
    /// <param name="time">Clock of timeouts.</param>
    public StreamServer(Resolver resolver, StreamLimits limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (_resolver, _limits, _time) = (resolver, limits, time);
        _slots = new SemaphoreSlim(limits.ConnectionsMax);
    }

    /// <summary>Connections closed at once because there were too many.</summary>
    public long TurnedAway => Volatile.Read(ref _turnedAway);

    /// <summary>Accepts from a listening socket until it is closed.</summary>
    /// <param name="listener">Stays the caller's.</param>
    /// <param name="sandbox">Whose questions come here.</param>
    public async Task ServeAsync(Socket listener, Func<SandboxId> sandbox)
    {
        ArgumentNullException.ThrowIfNull(listener);
        var own = new SemaphoreSlim(_limits.ConnectionsPerSandboxMax);
        while (!_stopping.IsCancellationRequested)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync(_stopping.Token);
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException || e is SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.InvalidArgument })
            {
                return; // closed
            }
            catch (SocketException)
            {
                // It was gone before we had it, or there are no descriptors left: the next may do better, a little later.
                await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(100), _time, _stopping.Token));
                continue;
            }

            Begin(connection, sandbox, own);
        }
    }

    /// <summary>Closes every connection and waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        Cancellation.End(_stopping);
        await _running.WhenAllAsync();
        _slots.Dispose();
        _stopping.Dispose();
    }

    // Takes a place among all and among the sandbox's, or closes the connection.
    private void Begin(Socket connection, Func<SandboxId> sandbox, SemaphoreSlim own)
    {
#pragma warning disable VSTHRD103 // without waiting: there is a place or there is none
        var hasOwn = own.Wait(0);
        if (hasOwn && _slots.Wait(0))
        {
            _running.Add(ConverseAsync(connection, sandbox, own));
            return;
        }
#pragma warning restore VSTHRD103

        if (hasOwn)
        {
            _ = own.Release();
        }

        _ = Interlocked.Increment(ref _turnedAway);
        connection.Dispose();
    }

    private async Task ConverseAsync(Socket connection, Func<SandboxId> sandbox, SemaphoreSlim own)
    {
        try
        {
            using (connection)
            {
                connection.NoDelay = true;
                while (await ExchangeAsync(connection, sandbox))
                {
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone, or was too slow: there is nobody to tell.
        }
        finally
        {
            _ = own.Release();
            _ = _slots.Release();
        }
    }

    // One question and its answer; false when the client has no more, or is none.
    private async Task<bool> ExchangeAsync(Socket connection, Func<SandboxId> sandbox)
    {
        var head = new byte[2];
        using (var idle = Begin(_limits.IdleMax))
        {
            if (await connection.ReceiveAsync(head.AsMemory(0, 1), SocketFlags.None, idle.Token) == 0)
            {
                return false;
            }
        }

        using var coming = Begin(_limits.TransferMax);
        if (!await FillAsync(connection, head.AsMemory(1), coming.Token) || BinaryPrimitives.ReadUInt16BigEndian(head) is var length && length < DnsHeader.Bytes)
        {
            return false;
        }

        var message = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return await FillAsync(connection, message.AsMemory(0, length), coming.Token)
                && await AnswerAsync(connection, sandbox, message.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    private async Task<bool> AnswerAsync(Socket connection, Func<SandboxId> sandbox, ReadOnlyMemory<byte> message)
    {
        var reply = ArrayPool<byte>.Shared.Rent(ushort.MaxValue + 2);
        try
        {
            var room = reply.AsMemory(2, ushort.MaxValue);
            var asker = sandbox();
            var length = _resolver.Answer(asker, message.Span, isStream: true, room.Span, out var upstream);
            length = upstream is null ? length : await _resolver.AskAsync(asker, upstream, message, isStream: true, room);
            if (length == 0)
            {
                return false; // no question: whoever sends such things gets no second chance
            }

            BinaryPrimitives.WriteUInt16BigEndian(reply, (ushort)length);
            using var going = Begin(_limits.TransferMax);
            var sent = 0;
            while (sent < length + 2)
            {
                sent += await connection.SendAsync(reply.AsMemory(sent, length + 2 - sent), SocketFlags.None, going.Token);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(reply);
        }
    }

    private static async Task<bool> FillAsync(Socket connection, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var received = await connection.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            if (received == 0)
            {
                return false;
            }

            buffer = buffer[received..];
        }

        return true;
    }

    // Linked sources take no clock: the registration ends with the token of the whole server.
    private Deadline Begin(TimeSpan after) => new(after, _time, _stopping.Token);
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Somebody who opens a new TCP connection every few milliseconds and keeps account of how each went.</summary>
internal sealed class Callers
{
    private const int PrepareEach = 64; // sockets are made in advance: entering a namespace takes a thread
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private readonly List<Task<Call>> _calls = [];
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Eventually.Cancel);
    private readonly Task _loop;

    /// <summary>Starts calling.</summary>
    public Callers(Place from, IPEndPoint to) => _loop = CallAsync(from, to);

    /// <summary>Calls no more, and waits for the last answer.</summary>
    public async Task<IReadOnlyList<Call>> EndAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        return await Task.WhenAll(_calls);
    }

    private async Task CallAsync(Place from, IPEndPoint to)
    {
        var ready = new Queue<Socket>();
        while (!_stop.IsCancellationRequested)
        {
            if (ready.Count == 0)
            {
                ready = NativeNamespace.Run(from.Path, () => new Queue<Socket>(
                    Enumerable.Range(0, PrepareEach).Select(_ => new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp))));
            }

            _calls.Add(CallAsync(ready.Dequeue(), to));
            _ = await Task.WhenAny(Task.Delay(s_pause, _stop.Token)); // its end is seen above
        }

        foreach (var socket in ready)
        {
            socket.Dispose();
        }
    }

    private static async Task<Call> CallAsync(Socket socket, IPEndPoint to)
    {
        var start = DateTimeOffset.UtcNow;
        var clock = Stopwatch.StartNew();
        using var timer = new CancellationTokenSource(s_patience);
        try
        {
            await socket.ConnectAsync(to, timer.Token);
            return await socket.ReceiveAsync(new byte[64], timer.Token) > 0 ? new Call(start, clock.Elapsed, null) : new Call(start, clock.Elapsed, "closed");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return new Call(start, clock.Elapsed, e is SocketException socketError ? socketError.SocketErrorCode.ToString() : "no answer");
        }
        finally
        {
            socket.Dispose();
        }
    }
}

/// <summary>One connection that was tried.</summary>
/// <param name="Start">When.</param>
/// <param name="Took">Until the answer, or the failure.</param>
/// <param name="Failure">What went wrong; null if it was answered.</param>
internal sealed record Call(DateTimeOffset Start, TimeSpan Took, string? Failure);

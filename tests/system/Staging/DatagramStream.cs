using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Networking.Daemon.Tests.Staging;

/// <summary>One UDP client that sends every few milliseconds, from one port, and keeps account of how long no answer came.</summary>
internal sealed class DatagramStream : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_later = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(Eventually.Cancel);
    private readonly Socket _socket;
    private readonly Task _work;
    private long _answers;
    private long _last = Stopwatch.GetTimestamp();
    private long _longest;

    /// <summary>Starts sending to somebody who answers.</summary>
    public DatagramStream(Place from, IPEndPoint to)
    {
        _socket = from.Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _work = Task.WhenAll(SendAsync(to), ReceiveAsync());
    }

    /// <summary>The longest time between two answers since it was last forgotten.</summary>
    public TimeSpan LongestGap => new(Interlocked.Read(ref _longest));

    /// <summary>Begins to measure anew.</summary>
    public void Forget() => Interlocked.Exchange(ref _longest, 0);

    /// <summary>Asserts that answers come.</summary>
    public async Task GrowsAsync()
    {
        var before = Interlocked.Read(ref _answers);
        _ = await Eventually.TrueAsync(s_later, () => Interlocked.Read(ref _answers) > before + 10, () => $"no more than {before} datagrams were answered");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task SendAsync(IPEndPoint to)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = await _socket.SendToAsync("who"u8.ToArray(), to, _end.Token);
                await Task.Delay(s_pause, _end.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // Refused, which the gap tells; or it is the end.
            }
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64];
        var any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = await _socket.ReceiveFromAsync(buffer, any, _end.Token);
                var now = Stopwatch.GetTimestamp();
                var gap = Stopwatch.GetElapsedTime(_last, now).Ticks;
                _last = now;
                if (gap > Interlocked.Read(ref _longest))
                {
                    _ = Interlocked.Exchange(ref _longest, gap);
                }

                _ = Interlocked.Increment(ref _answers);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // As above.
            }
        }
    }
}

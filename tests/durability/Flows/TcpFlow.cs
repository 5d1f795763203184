using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Networking.Durability.Tests;

/// <summary>One connection over which numbers flow without end, one every five milliseconds, and are checked as they arrive.</summary>
internal sealed class TcpFlow : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener;
    private readonly Socket _sender;
    private readonly Task _sending;
    private readonly Task _receiving;
    private long _received;
    private long _longestPauseMs;

    private TcpFlow(Socket listener, Socket sender)
    {
        (_listener, _sender) = (listener, sender);
        _receiving = ReceiveAsync();
        _sending = SendAsync();
    }

    /// <summary>Numbers that arrived in order so far.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>The longest time without any.</summary>
    public long LongestPauseMs => Interlocked.Read(ref _longestPauseMs);

    /// <summary>What broke; null if it flows.</summary>
    public string? Failure => _sending.Exception?.InnerException?.Message ?? _receiving.Exception?.InnerException?.Message;

    public static TcpFlow Start(string fromNamespace, string toNamespace, IPEndPoint to) =>
        new(NamespaceSockets.Listen(toNamespace, to), NamespaceSockets.Connect(fromNamespace, to));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _sender.Dispose();
        _listener.Dispose();
        await Task.WhenAny(Task.WhenAll(_sending, _receiving));
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        var number = new byte[8];
        for (var i = 1L; !_stop.IsCancellationRequested; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, i);
            _ = await _sender.SendAsync(number, _stop.Token);
            await Task.Delay(5, _stop.Token);
        }
    }

    private async Task ReceiveAsync()
    {
        using var connection = await _listener.AcceptAsync(_stop.Token);
        using var stream = new NetworkStream(connection);
        var number = new byte[8];
        var clock = Stopwatch.StartNew();
        while (true)
        {
            await stream.ReadExactlyAsync(number, _stop.Token);
            _ = Interlocked.Exchange(ref _longestPauseMs, Math.Max(_longestPauseMs, clock.ElapsedMilliseconds));
            clock.Restart();
            var found = BinaryPrimitives.ReadInt64LittleEndian(number);
            if (found != Interlocked.Increment(ref _received))
            {
                throw new InvalidDataException($"number {found} came instead of {_received}");
            }
        }
    }
}

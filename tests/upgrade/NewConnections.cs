using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Networking.Daemon.Tests.Staging;

namespace Networking.Upgrade.Tests;

/// <summary>
/// A connection of its own every ten milliseconds: each datagram comes from a new port, so each is judged by the rules that
/// stand at that moment, never by what was decided before.
/// </summary>
internal sealed class NewConnections : IAsyncDisposable
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(10);
    private readonly CancellationTokenSource _stop = new();
    private readonly Place _from;
    private readonly Socket _receiver;
    private readonly IPEndPoint _to;
    private readonly HashSet<string> _sources = []; // guarded by itself
    private readonly HashSet<int> _arrived = []; // guarded by _sources
    private readonly Task _sending;
    private readonly Task _receiving;
    private int _sent;
    private int _received;
    private long _longestPauseMs;

    /// <param name="name">What it is, for messages.</param>
    /// <param name="from">Where the connections begin.</param>
    /// <param name="to">Where they end.</param>
    /// <param name="address">The address that they are sent to, one of <paramref name="to"/>.</param>
    /// <param name="port">A port of their own.</param>
    public NewConnections(string name, Place from, Place to, string address, int port)
    {
        Name = name;
        _from = from;
        _to = new IPEndPoint(IPAddress.Parse(address), port);
        _receiver = to.Socket(_to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _receiver.Bind(_to);
        _receiving = ReceiveAsync();
        _sending = SendAsync();
    }

    public string Name { get; }

    public int Sent => Volatile.Read(ref _sent);

    public int Received => Volatile.Read(ref _received);

    /// <summary>The longest time without an arrival.</summary>
    public long LongestPauseMs => Interlocked.Read(ref _longestPauseMs);

    /// <summary>The addresses that they came from.</summary>
    public string Sources
    {
        get
        {
            lock (_sources)
            {
                return string.Join(' ', _sources.Order(StringComparer.Ordinal));
            }
        }
    }

    /// <summary>The numbers, from 1, of those sent so far that did not arrive.</summary>
    public IReadOnlyList<int> Lost
    {
        get
        {
            lock (_sources)
            {
                return [.. Enumerable.Range(1, Sent).Where(n => !_arrived.Contains(n))];
            }
        }
    }

    /// <summary>Sends no more, and waits a moment for the last.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        _ = await Task.WhenAny(_receiving, Task.Delay(200));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: {Sent} new connections, {Received} arrived from {Sources}, longest pause {LongestPauseMs} ms{(Received > 0 ? $", lost {string.Join(' ', Lost)}" : string.Empty)}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _receiver.Dispose();
        _ = await Task.WhenAny(Task.WhenAll(_sending, _receiving));
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        var number = new byte[sizeof(int)];
        while (!_stop.IsCancellationRequested)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, Interlocked.Increment(ref _sent));
            using var socket = _from.Socket(_to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            _ = await socket.SendToAsync(number, _to);
            _ = await Task.WhenAny(Task.Delay(s_pace, _stop.Token));
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[16];
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var came = await _receiver.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
            if (Interlocked.Increment(ref _received) > 1)
            {
                _ = Interlocked.Exchange(ref _longestPauseMs, Math.Max(LongestPauseMs, clock.ElapsedMilliseconds));
            }

            clock.Restart();
            lock (_sources)
            {
                _ = _arrived.Add(BinaryPrimitives.ReadInt32LittleEndian(buffer));
                _ = _sources.Add(((IPEndPoint)came.RemoteEndPoint).Address.ToString());
            }
        }
    }
}

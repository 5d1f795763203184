using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Networking.Netd.Watch;

/// <summary>
/// Tells the service manager how we are (sd_notify(3)); does nothing where there is none, or none that listens: what it does not
/// hear is no reason to stop serving.
/// </summary>
internal sealed class SystemdNotifier : IDisposable
{
    private readonly Socket? _socket;
    private readonly ILogger _logger;
    private bool _isTold;

    public SystemdNotifier(string? address, string? watchdogMicroseconds, ILogger logger)
    {
        _logger = logger;
        if (string.IsNullOrEmpty(address))
        {
            return;
        }

        // '@' stands for the zero byte of an abstract socket.
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
        }
        catch (Exception e) when (e is SocketException or ArgumentException) // the latter for a path that no socket can have
        {
            socket.Dispose();
            Log.ManagerUnheard(_logger, e.Message);
            return;
        }

        _socket = socket;
        if (long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0)
        {
            WatchdogEvery = TimeSpan.FromMicroseconds(microseconds / 2.0);
        }
    }

    /// <summary>How often to say that we are alive; null if nobody asks.</summary>
    public TimeSpan? WatchdogEvery { get; }

    public void Ready() => Send("READY=1");

    public void Stopping() => Send("STOPPING=1");

    public void Status(string text) => Send($"STATUS={text}");

    /// <summary>Pets the watchdog as long as the daemon's loops answer.</summary>
    public async Task PetAsync(Func<Task> isAliveAsync, TimeProvider time, CancellationToken cancellationToken)
    {
        if (WatchdogEvery is not { } every)
        {
            return;
        }

        using var timer = new PeriodicTimer(every, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await isAliveAsync().WaitAsync(every, time, cancellationToken);
            Send("WATCHDOG=1");
        }
    }

    public void Dispose() => _socket?.Dispose();

    private void Send(string state)
    {
        try
        {
            _ = _socket?.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (SocketException e)
        {
            if (!_isTold)
            {
                Log.ManagerUnheard(_logger, e.Message);
            }

            _isTold = true;
        }
    }
}

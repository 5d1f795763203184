using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Networking.Netd.Watch;

/// <summary>Tells the service manager how we are (sd_notify(3)); does nothing where there is none.</summary>
internal sealed class SystemdNotifier : IDisposable
{
    private readonly Socket? _socket;

    public SystemdNotifier(string? address, string? watchdogMicroseconds)
    {
        if (string.IsNullOrEmpty(address))
        {
            return;
        }

        // '@' stands for the zero byte of an abstract socket.
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
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

    private void Send(string state) => _ = _socket?.Send(Encoding.UTF8.GetBytes(state));
}

using System.Net;
using System.Net.Sockets;

namespace Networking.Netd.Forwarding;

/// <summary>Accepts on one TCP port and connects each client to the target.</summary>
internal sealed class TcpForward : IForward
{
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromSeconds(1);

    private readonly ForwardedPort _port;
    private readonly ForwarderOptions _options;
    private readonly SemaphoreSlim _allSlots;
    private readonly SemaphoreSlim _slots;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RunningWork _running;

    /// <param name="port">What is forwarded.</param>
    /// <param name="options">Limits.</param>
    /// <param name="allSlots">One for each connection that there may be on all ports; shared, and not this object's.</param>
    /// <param name="time">Clock of timeouts.</param>
    public TcpForward(ForwardedPort port, ForwarderOptions options, SemaphoreSlim allSlots, TimeProvider time)
    {
        (_port, _options, _allSlots, _time) = (port, options, allSlots, time);
        _slots = new SemaphoreSlim(options.ConnectionsPerPortMax);
        _running = new RunningWork(port.Tell);
    }

    public void Start() => _running.Start(AcceptAllAsync);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.WhenEmptyAsync();
        _stopping.Dispose();
        _slots.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            while (true)
            {
                if (await AcceptAsync() is not { } client)
                {
                    continue;
                }

                if (!IsAdmitted(client))
                {
                    TcpRelay.Reset(client);
                    continue;
                }

                await TakeSlotsAsync(client);
                _running.Start(() => ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    /// <summary>The next client; null if there is none, and it is to be tried again.</summary>
    private async Task<Socket?> AcceptAsync()
    {
        try
        {
            var client = await _port.Reservation.Socket.AcceptAsync(_stopping.Token);
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return client;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is not SocketError.ConnectionReset and not SocketError.ConnectionAborted)
        {
            // No descriptors, no memory: what was accepted before has to end first.
            _port.Tell("cannot accept", exception.Message);
            await Task.Delay(PauseAfterRefusal, _time, _stopping.Token);
            return null;
        }
        catch (SocketException)
        {
            return null; // the client left before it was accepted
        }
    }

    // With the client in hand, so that a port without clients holds no slot. One waits here, the others in the backlog.
    private async Task TakeSlotsAsync(Socket client)
    {
        var hasOwn = false;
        try
        {
            await _slots.WaitAsync(_stopping.Token); // first the port's own: one that is full keeps none from the others
            hasOwn = true;
            await _allSlots.WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            if (hasOwn)
            {
                _ = _slots.Release();
            }

            TcpRelay.Reset(client);
            throw;
        }
    }

    private async Task ServeAsync(Socket client)
    {
        _port.Counters.OpenConnection();
        try
        {
            if (await ConnectAsync() is not { } target)
            {
                TcpRelay.Reset(client);
                return;
            }

            using var relay = new TcpRelay(client, target, _port.Counters);
            await relay.RunAsync(_stopping.Token);
        }
        catch (SocketException)
        {
            // The client left before its first byte, and both sides are closed.
        }
        finally
        {
            _port.Counters.CloseConnection();
            _ = _allSlots.Release();
            _ = _slots.Release();
        }
    }

    private bool IsAdmitted(Socket client)
    {
        try
        {
            return client.RemoteEndPoint is IPEndPoint remote && _port.Admits(remote.Address);
        }
        catch (SocketException)
        {
            return false; // it has left already
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        Socket? target = null;
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        try
        {
            target = new Socket(_port.Target.AddressFamily, SocketType.Stream, ProtocolType.Tcp); // may lack a descriptor
            await target.ConnectAsync(_port.Target, either.Token);
            return target;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            target?.Dispose();
            if (!_stopping.IsCancellationRequested)
            {
                _port.Counters.Fail();
                _port.Tell("cannot connect to the target", exception is SocketException refused ? refused.Message : $"no answer within {_options.ConnectTimeout.TotalSeconds} s");
            }

            return null;
        }
    }
}

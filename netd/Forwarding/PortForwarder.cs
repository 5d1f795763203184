using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netd.Forwarding;

/// <summary>
/// Carries what the kernel cannot translate: from an IPv6 address of the host to a container that has IPv4 only, and from
/// ::1, whose packets may not leave the host. One object for all ports, no thread and no process of any of them.
/// </summary>
/// <remarks>
/// <code>
///   client ──► [::]:8080  reservation's socket ──► accept, exposure? ──► connect 10.20.0.2:80 from the host ──► container
///                          (filter: ::1 alone, or all if forwarded)
/// </code>
/// The target sees the host's address on its network as the client's.
/// </remarks>
internal sealed class PortForwarder : IAsyncDisposable
{
    private readonly ForwarderOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<PortExposure, IPAddress, IPEndPoint, bool> _admits;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _connectionSlots;
    private readonly SemaphoreSlim _sessionSlots;
    private readonly Lock _gate = new(); // guards _forwards, _isDisposed
    private readonly Dictionary<IPortReservation, IForward> _forwards = [];
    private bool _isDisposed;

    /// <param name="options">Limits.</param>
    /// <param name="time">Clock of timeouts.</param>
    /// <param name="admits">Whether a client may reach a target with some exposure. Asked for each new client.</param>
    /// <param name="logger">Takes each trouble of each port once.</param>
    public PortForwarder(ForwarderOptions options, TimeProvider time, Func<PortExposure, IPAddress, IPEndPoint, bool> admits, ILogger logger)
    {
        (_options, _time, _admits, _logger) = (options, time, admits, logger);
        _connectionSlots = new SemaphoreSlim(options.ConnectionsMax);
        _sessionSlots = new SemaphoreSlim(options.SessionsMax);
    }

    /// <summary>What was done so far.</summary>
    public ForwarderCounters Counters { get; } = new();

    /// <summary>Begins to forward.</summary>
    /// <param name="reservation">TCP or UDP; stays its owner's, who removes it here before disposing it.</param>
    /// <param name="target">Where to, of either family; reached from the host's namespace.</param>
    /// <param name="exposure">For whom; everybody else is closed at once.</param>
    public void Add(IPortReservation reservation, IPEndPoint target, PortExposure exposure)
    {
        var socket = reservation as IReservedSocket;
        Invariant.Check(socket is not null, $"the reservation of port {reservation.Claim.Port} has no socket");
        var port = new ForwardedPort(socket, target, exposure, _admits, Counters, _logger);
        var protocol = reservation.Claim.Protocol;
        Invariant.Check(protocol is PortProtocol.Tcp or PortProtocol.Udp, $"{protocol} cannot be forwarded");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Invariant.Check(!_forwards.ContainsKey(reservation), $"{port} is forwarded already");
            IForward forward = protocol == PortProtocol.Tcp
                ? new TcpForward(port, _options, _connectionSlots, _time)
                : new UdpForward(port, _options, _sessionSlots, _time);
            _forwards.Add(reservation, forward);
            forward.Start();
        }
    }

    /// <summary>
    /// Ends the forwarding of a port: its connections are reset, its sessions forgotten. Nothing of it runs any more when this
    /// returns. Tolerates one that is not forwarded.
    /// </summary>
    public async ValueTask RemoveAsync(IPortReservation reservation)
    {
        IForward? forward;
        lock (_gate)
        {
            _ = _forwards.Remove(reservation, out forward);
        }

        if (forward is not null)
        {
            await forward.DisposeAsync();
        }
    }

    /// <summary>Ends all of it.</summary>
    public async ValueTask DisposeAsync()
    {
        IForward[] forwards;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            forwards = [.. _forwards.Values];
            _forwards.Clear();
        }

        foreach (var forward in forwards)
        {
            await forward.DisposeAsync();
        }
    }
}

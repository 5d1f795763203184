using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.Netd.Events;
using Networking.Netd.Forwarding;

namespace Networking.Netd.Ports;

/// <summary>
/// The sockets that keep the host ports of committed endpoints, and what of them the forwarder serves. They live as long as
/// the kernel still translates the ports: until the endpoint's scope is gone, or has come to what was asked last, not only its intent.
/// </summary>
internal sealed class PortKeeper(IHostPorts host, PortForwarder forwarder, EventLog events) : IAsyncDisposable
{
    private readonly Lock _lock = new(); // guards _kept, _count, _served, _releasing, and every change of _changed
    private readonly Dictionary<ScopeId, ImmutableArray<IPortReservation>> _kept = [];
    private readonly Dictionary<IPortReservation, (IPEndPoint Target, PortExposure Exposure)> _served = [];
    private readonly Dictionary<ScopeId, Task> _releasing = [];
    private int _count; // reservations in _kept: each claim asks
    private readonly ConcurrentDictionary<ScopeId, PortChange> _changed = []; // to be followed when the kernel has come to it
    private readonly int _socketsMax = DescriptorLimit.Read() / 2; // the rest is for connections, sandboxes, files
    private readonly SemaphoreSlim _following = new(1); // one change of an endpoint's ports is followed at a time

    /// <summary>How many sockets are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>How many more sockets may be spent on ports: half of what netd may open is for them.</summary>
    public int SocketsLeft => Math.Max(0, _socketsMax - Count);

    /// <summary>
    /// Which host ports of an endpoint have no socket, in ascending order; a published port that has one for each of its numbers is
    /// not among them.
    /// </summary>
    public IReadOnlyDictionary<PublishedPort, ImmutableArray<PortRange>> UnkeptOf(EndpointRecord endpoint)
    {
        HashSet<(PortProtocol Protocol, IPAddress Address, int Port)> kept;
        lock (_lock)
        {
            kept = [.. _kept.GetValueOrDefault(ScopeId.Of(endpoint.Id), []).Select(static r => (r.Claim.Protocol, r.Claim.Address, r.Claim.Port))];
        }

        return endpoint.Ports
            .Where(static p => p.TakesHostPorts)
            .Select(p => (Port: p, Unkept: kept.Count == 0 ? [p.HostPorts] : PortRuns.Of(
                Enumerable.Range(p.HostPorts.First, p.HostPorts.Count).Where(n => !kept.Contains((p.Protocol, p.HostAddress, n))))))
            .Where(static p => !p.Unkept.IsEmpty)
            .ToDictionary(static p => p.Port, static p => p.Unkept);
    }

    /// <summary>
    /// Tells of claims whether a socket keeps this very port for an endpoint now. One that was made to be forwarded also does where
    /// the kernel translates now: packets are rewritten before they would reach it.
    /// </summary>
    public Predicate<PortClaim> Keeps(EndpointId endpoint)
    {
        lock (_lock)
        {
            HashSet<PortClaim> kept = [.. _kept.GetValueOrDefault(ScopeId.Of(endpoint), []).Select(static r => r.Claim)];
            return claim => kept.Contains(claim) || kept.Contains(claim with { IsForwarded = true });
        }
    }

    /// <summary>Takes over the sockets that a committed endpoint's ports were claimed with, beside those it has.</summary>
    public void Keep(EndpointRecord endpoint, ImmutableArray<IPortReservation> reservations)
    {
        if (reservations.IsEmpty)
        {
            return;
        }

        lock (_lock)
        {
            _kept[ScopeId.Of(endpoint.Id)] = _kept.GetValueOrDefault(ScopeId.Of(endpoint.Id), []).AddRange(reservations);
            _count += reservations.Length;
            foreach (var reservation in reservations)
            {
                Serve(endpoint, reservation);
            }
        }
    }

    /// <summary>The ports of an endpoint were changed; what it kept stays kept until <see cref="FollowAsync"/>.</summary>
    /// <param name="endpoint">As it was committed.</param>
    /// <param name="revision">The revision at which the kernel has come to that.</param>
    public void Change(EndpointRecord endpoint, long revision)
    {
        lock (_lock)
        {
            if (!_changed.TryGetValue(ScopeId.Of(endpoint.Id), out var other) || other.Revision < revision)
            {
                _changed[ScopeId.Of(endpoint.Id)] = new PortChange(endpoint, revision);
            }
        }
    }

    /// <summary>Whether a change of an endpoint is still to be followed. Waits for nobody.</summary>
    public bool IsChanged(ScopeId endpoint) => _changed.ContainsKey(endpoint);

    /// <summary>
    /// Follows an endpoint whose ports have changed, if the kernel has come to that: what is published no more is given back, what
    /// leads elsewhere is served anew. The connections of all others go on.
    /// </summary>
    /// <param name="id">The endpoint.</param>
    /// <param name="reached">The revision to which the kernel has come.</param>
    /// <param name="current">An endpoint as it is now, which may be later than that; null if it is gone.</param>
    public async Task FollowAsync(ScopeId id, long reached, Func<EndpointId, EndpointRecord?> current)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // a thousand sockets are not closed in the reconciler's thread
        await _following.WaitAsync();
        try
        {
            if (TakeChange(id, reached, current) is not var (endpoint, dropped, moved))
            {
                return; // followed already, or not yet to be
            }

            foreach (var reservation in dropped.Concat(moved))
            {
                await forwarder.RemoveAsync(reservation);
            }

            foreach (var reservation in dropped)
            {
                reservation.Dispose();
            }

            lock (_lock)
            {
                foreach (var reservation in moved.Intersect(_kept.GetValueOrDefault(id, [])))
                {
                    Serve(endpoint, reservation);
                }
            }
        }
        finally
        {
            _ = _following.Release();
        }
    }

    /// <summary>
    /// Binds again, after a restart, what was bound for an endpoint. What cannot be is told: another has taken it meanwhile, or
    /// the host lacks what it takes.
    /// </summary>
    public void Restore(EndpointRecord endpoint)
    {
        var restored = PortRestoring.Restore(host, endpoint, SocketsLeft);
        foreach (var (type, message) in restored.News)
        {
            events.Add(type, endpoint.Id.Value, endpoint.Name, message);
        }

        Keep(endpoint, restored.Reservations);
    }

    /// <summary>
    /// Gives the ports back of an endpoint whose scope is gone; one without is fine. Whoever asks while it is being done waits
    /// too: the ports are free when this returns.
    /// </summary>
    public Task ReleaseAsync(ScopeId endpoint)
    {
        lock (_lock)
        {
            _ = _changed.TryRemove(endpoint, out _);
            if (!_kept.Remove(endpoint, out var reservations))
            {
                return _releasing.GetValueOrDefault(endpoint, Task.CompletedTask);
            }

            _count -= reservations.Length;
            foreach (var reservation in reservations)
            {
                _ = _served.Remove(reservation);
            }

            return _releasing[endpoint] = EndAsync(endpoint, reservations);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ImmutableArray<ScopeId> all;
        lock (_lock)
        {
            all = [.. _kept.Keys, .. _releasing.Keys];
        }

        foreach (var endpoint in all)
        {
            await ReleaseAsync(endpoint);
        }

        _following.Dispose();
    }

    private async Task EndAsync(ScopeId endpoint, ImmutableArray<IPortReservation> reservations)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the caller's lock
        foreach (var reservation in reservations)
        {
            await forwarder.RemoveAsync(reservation);
            reservation.Dispose();
        }

        lock (_lock)
        {
            _ = _releasing.Remove(endpoint);
        }
    }

    // What is published no more, and what is to be served otherwise than it is; the rest is not touched.
    private (EndpointRecord Endpoint, ImmutableArray<IPortReservation> Dropped, ImmutableArray<IPortReservation> Moved)? TakeChange(
        ScopeId id, long reached, Func<EndpointId, EndpointRecord?> current)
    {
        lock (_lock)
        {
            if (!_changed.TryGetValue(id, out var change) || change.Revision > reached)
            {
                return null;
            }

            _ = _changed.TryRemove(id, out _);
            if (current(change.Endpoint.Id) is not { } endpoint || !_kept.TryGetValue(id, out var kept))
            {
                return null; // its scope goes, and gives them back
            }

            var ports = change.Endpoint.Ports.Union(endpoint.Ports).ToArray();
            var published = kept.ToLookup(r => ports.Any(p => IsOf(p, r.Claim)));
            ImmutableArray<IPortReservation> dropped = [.. published[false]];
            ImmutableArray<IPortReservation> moved =
            [
                .. published[true].Where(r => _served.TryGetValue(r, out var served) ? !served.Equals(ServiceOf(endpoint, r)) : ServiceOf(endpoint, r) is not null),
            ];
            foreach (var reservation in dropped.Concat(moved))
            {
                _ = _served.Remove(reservation);
            }

            _kept[id] = [.. published[true]];
            _count -= dropped.Length;
            return (endpoint, dropped, moved);
        }
    }

    // Under the lock.
    private void Serve(EndpointRecord endpoint, IPortReservation reservation)
    {
        if (ServiceOf(endpoint, reservation) is { } service)
        {
            forwarder.Add(reservation, service.Target, service.Exposure);
            _served.Add(reservation, service);
        }
    }

    private static (IPEndPoint Target, PortExposure Exposure)? ServiceOf(EndpointRecord endpoint, IPortReservation reservation) =>
        endpoint.Ports.FirstOrDefault(p => IsOf(p, reservation.Claim)) is { } port && PortService.IsNeeded(port)
            ? (new IPEndPoint(port.TargetAddress, port.TargetFirst + reservation.Claim.Port - port.HostPorts.First),
                port.Path == PortPath.Forwarder ? port.Exposure : PortExposure.Loopback)
            : null;

    private sealed record PortChange(EndpointRecord Endpoint, long Revision);

    private static bool IsOf(PublishedPort port, PortClaim claim) =>
        claim.Port >= port.HostPorts.First && claim.Port <= port.HostPorts.Last
        && port.TakesHostPorts && port.Protocol == claim.Protocol && port.HostAddress.Equals(claim.Address);
}

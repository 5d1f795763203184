using System.Collections.Immutable;
using System.Net;
using Networking.Dns;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netd.Control;

/// <summary>
/// The sockets of the resolvers, one pair for each sandbox that is on a network. They are opened before the endpoint is
/// committed, as every claim, and closed with the last endpoint: an open socket keeps a namespace alive.
/// </summary>
internal sealed class ResolverKeeper(NamespaceListeners listeners, Resolver resolver, StreamServer streams, Func<NetNs, SandboxId> sandboxOf, ResolverFiles files, ILogger logger)
    : IAsyncDisposable
{
    // Outside of what the kernel gives to clients by itself, and always the same if it is free, so that a restart changes no rule.
    private const int PortFirst = 61_053;
    private const int PortCount = 16;

    // In a namespace of somebody else's there may be a resolver already.
    private static readonly ImmutableArray<IPAddress> Ours = [IPAddress.Parse("127.0.0.11")];
    private static readonly ImmutableArray<IPAddress> OfOthers = [Ours[0], IPAddress.Parse("127.0.0.12")];
    private static readonly ImmutableArray<int> Ports = [.. Enumerable.Range(PortFirst, PortCount)];

    private readonly Lock _gate = new(); // guards everything below
    private readonly List<Task> _closing = [];
    private readonly Dictionary<NetNs, Task<Seat?>> _seats = [];

    /// <summary>Sandboxes with a resolver.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _seats.Count;
            }
        }
    }

    /// <summary>Opens the sockets of a sandbox, unless they are open.</summary>
    /// <returns>Where they are; null if they could not be opened, which is logged.</returns>
    public async Task<IPEndPoint?> EnsureAsync(SandboxRecord sandbox)
    {
        Task<Seat?>? opening;
        lock (_gate)
        {
            if (!_seats.TryGetValue(sandbox.Namespace, out opening))
            {
                opening = OpenAsync(sandbox);
                _seats.Add(sandbox.Namespace, opening);
            }
        }

        if (await opening is { } seat)
        {
            return seat.Address;
        }

        lock (_gate)
        {
            if (_seats.GetValueOrDefault(sandbox.Namespace) == opening)
            {
                _ = _seats.Remove(sandbox.Namespace);
            }
        }

        return null;
    }

    /// <summary>The resolv.conf of a sandbox; null if none was written.</summary>
    public string? FileOf(SandboxId id) => files.PathOf(id) is var path && File.Exists(path) ? path : null;

    /// <summary>A sandbox of ours is no more.</summary>
    public void Forget(SandboxId id)
    {
        try
        {
            files.Remove(id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NoResolverFile(logger, id.Short, e.Message); // the next start removes it
        }
    }

    /// <summary>A state replaced another: sandboxes that are on no network any more lose their resolver.</summary>
    public void Follow(NodeState before, NodeState state, Touched touched)
    {
        foreach (var id in touched.Sandboxes)
        {
            if (state.Sandboxes.GetValueOrDefault(id) is null or { Record.IsRemoving: true } or { Endpoints.IsEmpty: true }
                && (state.Sandboxes.GetValueOrDefault(id) ?? before.Sandboxes.GetValueOrDefault(id)) is { } gone)
            {
                Release(gone.Record.Namespace);
            }
        }
    }

    /// <summary>Closes the sockets in a namespace, if there are any.</summary>
    public void Release(NetNs ns)
    {
        lock (_gate)
        {
            if (_seats.Remove(ns, out var seat))
            {
                _ = _closing.RemoveAll(static t => t.IsCompletedSuccessfully);
                _closing.Add(CloseAsync(seat)); // waits for an opening that is under way
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        NetNs[] open;
        lock (_gate)
        {
            open = [.. _seats.Keys];
        }

        Array.ForEach(open, Release);
        Task[] closing;
        lock (_gate)
        {
            closing = [.. _closing];
        }

        await Task.WhenAll(closing);
    }

    private static async Task CloseAsync(Task<Seat?> opening)
    {
        if (await opening is { } seat)
        {
            seat.Listener.Dispose();
            await seat.Serving;
        }
    }

    private async Task<Seat?> OpenAsync(SandboxRecord sandbox)
    {
        var ns = sandbox.Namespace;
        try
        {
            SandboxId Asker() => sandboxOf(ns);
            var listener = await listeners.OpenAsync(
                ns, sandbox.Owner == SandboxOwner.Daemon ? Ours : OfOthers, Ports, new DatagramServer(resolver, Asker), CancellationToken.None);
            WriteFile(sandbox, listener.Address.Address);
            return new Seat(listener.Address, listener, streams.ServeAsync(listener.Stream, Asker));
        }
        catch (KernelException e)
        {
            Log.NoResolver(logger, sandbox.Name, e.Message);
            return null;
        }
    }

    private void WriteFile(SandboxRecord sandbox, IPAddress address)
    {
        if (sandbox.Owner != SandboxOwner.Daemon)
        {
            return; // whoever made it has its files
        }

        try
        {
            files.Write(sandbox, address);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NoResolverFile(logger, sandbox.Name, e.Message);
        }
    }

    private sealed record Seat(IPEndPoint Address, NamespaceListener Listener, Task Serving);
}

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
internal sealed class ResolverKeeper(
    NamespaceListeners listeners,
    Resolver resolver,
    StreamServer streams,
    Func<NetNs, SandboxId> sandboxOf,
    UpstreamDirectory upstreams,
    SandboxFiles files,
    ILogger logger)
    : IAsyncDisposable
{
    // Outside of what the kernel gives to clients by itself, and always the same if it is free, so that a restart changes no rule.
    private const int PortFirst = 61_053;
    private const int PortCount = 16;
    // Of all descriptors that the process may have, so that enough are left for what a sandbox cannot be without.
    private const int DescriptorsEach = 2;
    private const double ShareMax = 0.4;

    private static readonly ImmutableArray<int> Ports = [.. Enumerable.Range(PortFirst, PortCount)];

    private readonly int _descriptorsMax = DescriptorLimit.Read();
    private readonly SandboxFileWriter _writer = new(files, logger);
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

    /// <summary>resolv.conf and hosts of a sandbox as of now; null for one that was not written.</summary>
    public async Task<(string? ResolvConf, string? Hosts)> FilesOfAsync(SandboxId id)
    {
        await _writer.WhenWrittenAsync();
        return (Existing(files.ResolvConfOf(id)), Existing(files.HostsOf(id)));

        static string? Existing(string path) => File.Exists(path) ? path : null;
    }

    /// <summary>A sandbox of ours is no more.</summary>
    public void Forget(SandboxId id) => _writer.Forget(id);

    /// <summary>Writes the files of all sandboxes, where they are not as they should be.</summary>
    public void WriteFiles(NodeState state)
    {
        foreach (var id in state.Sandboxes.Keys)
        {
            WriteFiles(state, id);
        }
    }

    /// <summary>A state replaced another: sandboxes that are on no network any more lose their resolver, the files of others follow.</summary>
    public void Follow(NodeState before, NodeState state, Touched touched)
    {
        foreach (var id in touched.Sandboxes)
        {
            if (state.Sandboxes.GetValueOrDefault(id) is null or { Record.IsRemoving: true } or { Endpoints.IsEmpty: true }
                && (state.Sandboxes.GetValueOrDefault(id) ?? before.Sandboxes.GetValueOrDefault(id)) is { } gone)
            {
                Release(gone.Record.Namespace);
                upstreams.Forget(id);
            }
            else
            {
                WriteFiles(state, id);
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
                _closing.Add(CloseAsync(seat, isWanted: false)); // waits for an opening that is under way
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] closing;
        lock (_gate)
        {
            closing = [.. _closing, .. _seats.Values.Select(static s => CloseAsync(s, isWanted: true))]; // the next daemon takes them up
            _seats.Clear();
        }

        await Task.WhenAll(closing);
        await _writer.DisposeAsync();
    }

    private static async Task CloseAsync(Task<Seat?> opening, bool isWanted)
    {
        if (await opening is { } seat)
        {
            if (!isWanted)
            {
                seat.Listener.Forget();
            }

            seat.Listener.Dispose();
            await seat.Serving;
        }
    }

    private async Task<Seat?> OpenAsync(SandboxRecord sandbox)
    {
        var ns = sandbox.Namespace;
        if (DescriptorsEach * Count > _descriptorsMax * ShareMax)
        {
            Log.NoResolver(logger, sandbox.Name, $"{Count} others have {DescriptorsEach} sockets each, of {_descriptorsMax} files that netd may open; raise that (LimitNOFILE)");
            return null;
        }

        try
        {
            SandboxId Asker() => sandboxOf(ns);
            var listener = await listeners.OpenAsync(
                ns, sandbox.Owner == SandboxOwner.Daemon ? ResolverAddresses.Ours : ResolverAddresses.All, Ports, new DatagramServer(resolver, Asker), CancellationToken.None);
            return new Seat(listener.Address, listener, streams.ServeAsync(listener.Stream, Asker));
        }
        catch (KernelException e)
        {
            Log.NoResolver(logger, sandbox.Name, e.Message);
            return null;
        }
    }

    private void WriteFiles(NodeState state, SandboxId id)
    {
        if (SandboxFileFacts.Of(state, id) is { } facts)
        {
            _writer.Mark(facts);
        }
    }

    private sealed record Seat(IPEndPoint Address, NamespaceListener Listener, Task Serving);
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Dns;
using Networking.Model;
using Networking.Netd.Ipam;
using Networking.Netlink;

namespace Networking.Netd.Control;

/// <summary>
/// Whom each sandbox asks for names that are not ours: servers of its own, out of its own namespace; else those that the host
/// itself asks, as its resolv.conf has them now, out of the host's. What it says is compared every
/// other second, not when it was written: it is mostly a link to another file.
/// </summary>
/// <param name="resolvConf">The host's resolver file.</param>
/// <param name="listeners">Opens sockets inside sandboxes; null where nothing is ever asked out of one.</param>
/// <param name="namespaceOf">Where a sandbox is; null if it is gone.</param>
/// <param name="changed">Told that the host's file is another, in a thread of the pool: whoever asks here answers everybody's questions.</param>
/// <param name="time">Clock of looking.</param>
internal sealed class UpstreamDirectory(
    string resolvConf, NamespaceListeners? listeners, Func<SandboxId, NetNs?> namespaceOf, Action changed, TimeProvider time)
{
    private const int Port = 53;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SandboxId, OwnGroup> _own = [];
    private readonly UpstreamSockets _fromHost = new(static (family, type, _) => new(new Socket(family, type, ProtocolType.Unspecified)));
    private readonly Lock _gate = new(); // guards everything below
    private UpstreamGroup? _group;
    private string? _text; // null before the first look
    private IPEndPoint[] _servers = [];
    private long _looked;
    private int _number;

    /// <summary>Where systemd-resolved says whom it asks.</summary>
    public string BehindStub { get; init; } = HostResolvers.BehindStub;

    /// <summary>Whom a sandbox may ask; null if all of its networks are internal and it has no server of its own, or the host has none.</summary>
    public UpstreamGroup? For(SandboxNames sandbox)
    {
        if (!sandbox.Servers.IsEmpty && listeners is not null)
        {
            return Own(sandbox);
        }

        return sandbox.IsForwarding ? Current() : null;
    }

    /// <summary>A sandbox is no more, or has no server of its own any more.</summary>
    public void Forget(SandboxId id) => _own.TryRemove(id, out _);

    private UpstreamGroup Own(SandboxNames sandbox)
    {
        if (_own.TryGetValue(sandbox.Id, out var own) && own.Servers.SequenceEqual(sandbox.Servers))
        {
            return own.Group;
        }

        var id = sandbox.Id;
        var sockets = new UpstreamSockets(async (family, type, cancellationToken) => namespaceOf(id) is { } ns
            ? await listeners!.OpenClientAsync(ns, family, type, cancellationToken) // there is one, or nobody would have come here
            : throw new IOException("the sandbox is gone"));
        own = new OwnGroup(sandbox.Servers, new UpstreamGroup(Interlocked.Increment(ref _number), sandbox.Servers, sockets));
        _own[id] = own;
        return own.Group;
    }

    private UpstreamGroup? Current()
    {
        var isOther = false;
        try
        {
            lock (_gate)
            {
                if (_text is not null && time.GetElapsedTime(_looked) < LookEvery)
                {
                    return _group;
                }

                _looked = time.GetTimestamp();
                var text = HostResolvers.TextOf(resolvConf);
                var servers = HostResolvers.ReadForAsking(resolvConf, BehindStub).Select(static a => new IPEndPoint(a, Port)).ToArray();
                var asksOthers = !servers.SequenceEqual(_servers);
                isOther = _text is not null && (asksOthers || text != _text);
                (_text, _servers) = (text, servers);
                if (asksOthers)
                {
                    _group = servers.Length == 0 ? null : new UpstreamGroup(Interlocked.Increment(ref _number), servers, _fromHost);
                }

                return _group;
            }
        }
        finally
        {
            if (isOther)
            {
                _ = ThreadPool.UnsafeQueueUserWorkItem(static told => told(), changed, preferLocal: false);
            }
        }
    }

    private sealed record OwnGroup(ImmutableArray<IPEndPoint> Servers, UpstreamGroup Group);
}

using System.Collections.Concurrent;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Tells which messages of the kernel are news: about links of ours or watched ones, about addresses and routes with
/// our mark, and not the echo of our own requests. What the kernel itself adds to our requests (it sends such messages
/// without a port) is recognised by bringing nothing new. Used by the event thread alone, but for <see cref="Watch"/> and
/// <see cref="Forget(NetNs)"/>, which are called in the namespace's route lane.
/// </summary>
internal sealed class RouteEvents(NamespaceDirectory directory, Action<KernelEvent> tell) : ILinkNames
{
    private readonly ConcurrentDictionary<NetNs, ConcurrentDictionary<ObjectKey, byte>> _watched = [];
    private readonly Dictionary<NetNs, Dictionary<int, SeenLink>> _links = [];
    private readonly ConcurrentQueue<NetNs> _forgotten = []; // whose links are still among those

    /// <summary>How many namespaces something is remembered of.</summary>
    public int Count => _watched.Keys.Union(_links.Keys).Count();

    /// <summary>From now on this link is told about, whoever owns it.</summary>
    public void Watch(ObjectKey link) => _ = _watched.GetOrAdd(link.Namespace, static _ => []).TryAdd(link, 0);

    /// <summary>Forgets what was seen: after a loss it may be old.</summary>
    public void Forget() => _links.Clear();

    /// <summary>Nothing of a namespace is told any more.</summary>
    public void Forget(NetNs ns)
    {
        _ = _watched.TryRemove(ns, out _);
        _forgotten.Enqueue(ns);
    }

    public void Take(int? namespaceId, ushort type, NetlinkFlags flags, uint port, ReadOnlySpan<byte> body)
    {
        while (_forgotten.TryDequeue(out var forgotten))
        {
            _ = _links.Remove(forgotten);
        }

        if (type is RouteMessageType.NewNamespaceId or RouteMessageType.DeleteNamespaceId)
        {
            TakeNamespaceId(namespaceId, type, body);
            return;
        }

        var found = namespaceId is { } id ? directory.NamespaceOfId(id) : NetNs.Host;
        if (found is not { } ns)
        {
            return; // a namespace that has an id but is none of ours
        }

        var isOwn = port != 0 && directory.IsOwnPort(ns, NetlinkProtocol.Route, port);
        switch (type)
        {
            case RouteMessageType.NewLink or RouteMessageType.DeleteLink:
                if (LinkMessage.ReadHeader(body).Family == WireFamily.Unspecified) // bridges tell of their ports in a family of their own
                {
                    TakeLink(ns, type == RouteMessageType.DeleteLink, isOwn, LinkMessage.Read(body));
                }

                break;
            case RouteMessageType.NewAddress or RouteMessageType.DeleteAddress when !isOwn:
                TakeAddress(ns, type == RouteMessageType.DeleteAddress, AddressMessage.Read(body));
                break;
            case RouteMessageType.NewRoute or RouteMessageType.DeleteRoute when !isOwn:
                TakeRoute(ns, type == RouteMessageType.DeleteRoute, flags, RouteMessage.Read(body));
                break;
        }
    }

    /// <inheritdoc/>
    public string NameOf(NetNs ns, int index) => Seen(ns, index)?.State.Name ?? Get(ns, index)?.Name ?? string.Empty;

    /// <inheritdoc/>
    public NetNs NamespaceOf(NetNs from, int id) => from.IsHost ? directory.NamespaceOfId(id) ?? default : NetNs.Host;

    private void TakeNamespaceId(int? namespaceId, ushort type, ReadOnlySpan<byte> body)
    {
        // Ids count only as the host numbers them.
        if (namespaceId is null && type == RouteMessageType.DeleteNamespaceId && NamespaceIdEncoder.Read(body) is { } id
            && directory.NamespaceOfId(id) is { } ns && directory.TryForgetId(id, ns))
        {
            _ = _links.Remove(ns);
            tell(new EventsLost(ns, "the namespace is gone"));
        }
    }

    private void TakeLink(NetNs ns, bool isGone, bool isOwn, LinkMessage message)
    {
        var before = Seen(ns, message.Index);
        var state = message.ToState(ns, this);
        var isOurs = before is { IsOurs: true } || IsOurs(message, state);
        if (isGone)
        {
            _ = _links.GetValueOrDefault(ns)?.Remove(message.Index);
        }
        else
        {
            var goesDown = !isOwn && before is { State.IsUp: true };
            See(message.Index, new SeenLink(state, isOurs, message.IsDoomed, state.IsUp == false && (goesDown || before is { WentDown: true })));
        }

        if (isOwn || !isOurs || message.IsDoomed)
        {
            return;
        }

        if (before is { IsDoomed: false } && before.State.Name != state.Name)
        {
            tell(new ObjectChanged(before.State.Key, null));
        }

        if (isGone)
        {
            tell(new ObjectChanged(state.Key, null));
        }
        else if (before is null || before.State != state)
        {
            tell(new ObjectChanged(state.Key, state));

            // Told when it is back: one that stays down is news by itself, and one that we delete goes down on its way.
            if (before is { WentDown: true } && state.IsUp == true)
            {
                tell(new EventsLost(ns, $"{state.Name} went down, and the kernel drops its IPv4 routes without a word"));
            }
        }
    }

    private void TakeAddress(NetNs ns, bool isGone, AddressMessage? message)
    {
        if (message is { Protocol: Ownership.AddressProtocol } && LivingName(ns, message.LinkIndex) is { } name)
        {
            var state = new AddressState { Namespace = ns, Link = name, Address = message.Address };
            tell(new ObjectChanged(state.Key, isGone ? null : state));
        }
    }

    private void TakeRoute(NetNs ns, bool isGone, NetlinkFlags flags, RouteMessage? message)
    {
        // A stranger's replacement of our route is told under the stranger's protocol.
        var isReplacement = !isGone && flags.HasFlag(NetlinkFlags.Replace);
        if (message is not null && (message.Protocol == Ownership.RouteProtocol || isReplacement)
            && LivingName(ns, message.LinkIndex) is { } name)
        {
            var state = message.ToState(ns, name);
            tell(new ObjectChanged(state.Key, isGone ? null : state));
        }
    }

    private string? LivingName(NetNs ns, int index) =>
        (Seen(ns, index) ?? Look(ns, index)) is { IsDoomed: false, State.Name: { Length: > 0 } name } ? name : null;

    // Others may replace routes by the hundred thousand, over a link of which nothing was ever told: it is asked for once.
    private SeenLink? Look(NetNs ns, int index)
    {
        if (Get(ns, index) is not { } message)
        {
            return null;
        }

        var state = message.ToState(ns, this);
        var link = new SeenLink(state, IsOurs(message, state), message.IsDoomed, WentDown: false);
        See(index, link);
        return link;
    }

    private LinkMessage? Get(NetNs ns, int index)
    {
        try
        {
            using var lease = ((INamespaceHandles)directory).Rent(ns);
            return LinkQuery.Get(lease.Handle.Socket, index);
        }
        catch (KernelException)
        {
            return null; // the namespace is gone
        }
    }

    private bool IsOurs(LinkMessage message, LinkState state) =>
        Ownership.IsTagged(message.Alias) || (_watched.TryGetValue(state.Namespace, out var watched) && watched.ContainsKey(state.Key));

    private SeenLink? Seen(NetNs ns, int index) => _links.GetValueOrDefault(ns)?.GetValueOrDefault(index);

    private void See(int index, SeenLink link)
    {
        var ns = link.State.Namespace;
        if (!_links.TryGetValue(ns, out var seen))
        {
            seen = [];
            _links.Add(ns, seen);
        }

        seen[index] = link;
    }

    private sealed record SeenLink(LinkState State, bool IsOurs, bool IsDoomed, bool WentDown);
}

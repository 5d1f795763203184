using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Reads one namespace and keeps what is ours (by alias, address protocol and route protocol; a link that a sudden death has
/// left half made, by its group) or asked for. The protocols are those of other instances too, which may be connected to the
/// same sandbox: what is there on a link of theirs is not ours. Kinds that nobody asked for (rules, neighbours, forwarding entries)
/// are not dumped.
/// </summary>
internal sealed class RouteObserver : ILinkNames
{
    private const ushort StaticOrPermanent = 0xc0; // NUD_NOARP | NUD_PERMANENT
    private const byte Self = 0x02; // NTF_SELF

    private readonly NetNs _ns;
    private readonly NetlinkSocket _socket;
    private readonly NamespaceDirectory _directory;
    private readonly Observation _observation;
    private readonly Dictionary<ObjectKey, KernelObject> _wanted = [];
    private readonly Dictionary<ObjectKey, KernelObject> _found = [];
    private readonly Dictionary<int, LinkMessage> _links;

    private RouteObserver(NetlinkSocket socket, NamespaceDirectory directory, Observation observation)
    {
        _ns = observation.Namespace;
        _socket = socket;
        _directory = directory;
        _observation = observation;
        foreach (var item in observation.Wanted)
        {
            _ = _wanted.TryAdd(item.Key, item);
        }

        _links = RouteReader.Links(socket, "read interfaces").ToDictionary(static link => link.Index);
    }

    /// <summary>Reads the route lane's objects.</summary>
    public static IEnumerable<KernelObject> Read(NetlinkSocket socket, NamespaceDirectory directory, Observation observation)
    {
        var observer = new RouteObserver(socket, directory, observation);
        observer.ReadLinks();
        observer.ReadAddresses();
        observer.ReadRoutes();
        if (observer.Wants(ObjectKind.Rule))
        {
            observer.ReadRules();
        }

        if (observer.Wants(ObjectKind.Neighbor))
        {
            observer.ReadNeighbors();
        }

        if (observer.Wants(ObjectKind.Fdb))
        {
            observer.ReadFdb();
        }

        return observer._found.Values;
    }

    /// <summary>True if an alias is of this owner: the tag itself, or the tag and a scope.</summary>
    public static bool IsOwned(string? alias, string ownerTag) =>
        alias is not null && alias.StartsWith(ownerTag, StringComparison.Ordinal)
        && (alias.Length == ownerTag.Length || alias[ownerTag.Length] == ':');

    /// <inheritdoc/>
    public string NameOf(NetNs ns, int index)
    {
        if (ns == _ns)
        {
            return _links.TryGetValue(index, out var link) ? link.Name : string.Empty;
        }

        try
        {
            using var lease = ((INamespaceHandles)_directory).Rent(ns);
            return LinkQuery.Get(lease.Handle.Socket, index)?.Name ?? string.Empty;
        }
        catch (KernelException)
        {
            return string.Empty; // the namespace is gone; the caller sees a link without a parent
        }
    }

    /// <inheritdoc/>
    public NetNs NamespaceOf(NetNs from, int id) =>
        from.IsHost ? _directory.NamespaceOfId(id) ?? default : NetNs.Host; // links between namespaces are made from the host's

    private bool Wants(ObjectKind kind) => _wanted.Keys.Any(key => key.Kind == kind);

    private void ReadLinks()
    {
        foreach (var link in _links.Values)
        {
            if (link.IsDoomed)
            {
                continue;
            }

            var state = link.ToState(_ns, this);
            state = link.IsNewborn ? state with { Alias = _observation.OwnerTag } : state; // ours, and of no scope yet
            if (_wanted.TryGetValue(state.Key, out var wanted) && wanted is LinkState asked)
            {
                // The other end's name and address are not told; where kind alone decides, take what is meant.
                _found[state.Key] = asked.Details.Matches(state.Details) ? state with { Details = asked.Details } : state;
            }
            else if (IsOwned(state.Alias, _observation.OwnerTag))
            {
                _found[state.Key] = state;
            }
        }
    }

    private void ReadAddresses()
    {
        foreach (var family in (ReadOnlySpan<byte>)[WireFamily.Inet, WireFamily.Inet6])
        {
            foreach (var message in RouteReader.Addresses(_socket, family))
            {
                if (LivingName(message.LinkIndex) is { } name)
                {
                    var state = new AddressState { Namespace = _ns, Link = name, Address = message.Address };
                    Keep(state, message.Protocol == Ownership.AddressProtocol && MayBeOurs(message.LinkIndex));
                }
            }
        }
    }

    private void ReadRoutes()
    {
        foreach (var family in (ReadOnlySpan<byte>)[WireFamily.Inet, WireFamily.Inet6])
        {
            KeepRoutes(RouteReader.Routes(_socket, family, Ownership.RouteProtocol));
        }

        // Somebody else's route was asked for: only then is the whole table read.
        foreach (var family in (ReadOnlySpan<byte>)[WireFamily.Inet, WireFamily.Inet6])
        {
            if (_wanted.Values.Any(item => item is RouteState route
                && WireFamily.Of(route.Destination.BaseAddress) == family && !_found.ContainsKey(route.Key)))
            {
                KeepRoutes(RouteReader.Routes(_socket, family, 0));
            }
        }
    }

    private void KeepRoutes(List<RouteMessage> routes)
    {
        foreach (var route in routes)
        {
            if (LivingName(route.LinkIndex) is { } name)
            {
                Keep(route.ToState(_ns, name), route.Protocol == Ownership.RouteProtocol && MayBeOurs(route.LinkIndex));
            }
        }
    }

    private void ReadRules()
    {
        foreach (var family in (ReadOnlySpan<byte>)[WireFamily.Inet, WireFamily.Inet6])
        {
            foreach (var rule in RouteReader.Rules(_socket, family))
            {
                Keep(rule.ToState(_ns), rule.Protocol == Ownership.RouteProtocol);
            }
        }
    }

    private void ReadNeighbors()
    {
        foreach (var family in (ReadOnlySpan<byte>)[WireFamily.Inet, WireFamily.Inet6])
        {
            foreach (var neighbor in RouteReader.Neighbors(_socket, family, 0))
            {
                if (neighbor is { IsPermanent: true, Destination: { } address } && LivingName(neighbor.LinkIndex) is { } name)
                {
                    Keep(
                        new NeighborState { Namespace = _ns, Link = name, Address = address, Mac = neighbor.Mac },
                        neighbor.Protocol == Ownership.RouteProtocol);
                }
            }
        }
    }

    /// <summary>
    /// Forwarding entries carry no owner, so those of the devices asked about count as ours: nobody else writes to a
    /// device of ours.
    /// </summary>
    private void ReadFdb()
    {
        var names = _wanted.Values.OfType<FdbState>().Select(static entry => entry.Link).ToHashSet(StringComparer.Ordinal);
        foreach (var link in _links.Values.Where(link => !link.IsDoomed && names.Contains(link.Name)))
        {
            foreach (var entry in RouteReader.Neighbors(_socket, WireFamily.Bridge, link.Index))
            {
                // A bridge's own permanent entries are its ports' addresses; only static ones were set by somebody.
                var isTunnel = (entry.Flags & Self) != 0 && entry.Destination is not null && entry.IsPermanent;
                var isStatic = (entry.Flags & Self) == 0 && entry.IsStatic;
                if (entry.LinkIndex == link.Index && (entry.State & StaticOrPermanent) != 0 && (isTunnel || isStatic))
                {
                    Keep(new FdbState { Namespace = _ns, Link = link.Name, Mac = entry.Mac, Remote = entry.Destination }, isOurs: true);
                }
            }
        }
    }

    private string? LivingName(int index) => _links.TryGetValue(index, out var link) && !link.IsDoomed ? link.Name : null;

    private bool MayBeOurs(int linkIndex) => _ns.IsHost
        || !_links.TryGetValue(linkIndex, out var link) || !Ownership.IsTagged(link.Alias) || IsOwned(link.Alias, _observation.OwnerTag);

    private void Keep(KernelObject item, bool isOurs)
    {
        if (isOurs || _wanted.ContainsKey(item.Key))
        {
            _ = _found.TryAdd(item.Key, item);
        }
    }
}

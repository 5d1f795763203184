using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Dns;

/// <summary>
/// All names of one network. Immutable: a change gives another one that shares all but what changed, and costs the
/// logarithm of how many names there are.
/// </summary>
public sealed class NetworkNames
{
    private readonly ImmutableDictionary<string, ImmutableSortedSet<NameTarget>> _byName;
    private readonly ImmutableDictionary<string, NameTarget> _services;
    private readonly ImmutableDictionary<IPAddress, NameTarget> _byAddress;

    /// <summary>A network without names.</summary>
    /// <param name="id">The network.</param>
    /// <param name="name">Its name: <c>web.NAME</c> is looked for here.</param>
    /// <param name="prefixes">Its subnets: an address of theirs is nobody else's to name.</param>
    public NetworkNames(NetworkId id, string name, ImmutableArray<IPNetwork> prefixes)
        : this(
            id,
            name,
            prefixes,
            ImmutableDictionary<string, ImmutableSortedSet<NameTarget>>.Empty,
            ImmutableDictionary<string, NameTarget>.Empty,
            ImmutableDictionary<IPAddress, NameTarget>.Empty)
    {
    }

    private NetworkNames(
        NetworkId id,
        string name,
        ImmutableArray<IPNetwork> prefixes,
        ImmutableDictionary<string, ImmutableSortedSet<NameTarget>> byName,
        ImmutableDictionary<string, NameTarget> services,
        ImmutableDictionary<IPAddress, NameTarget> byAddress)
    {
        ArgumentNullException.ThrowIfNull(name);
        (Id, Name, LowerName, Prefixes) = (id, name, name.ToLowerInvariant(), prefixes);
        (_byName, _services, _byAddress) = (byName, services, byAddress);
    }

    /// <summary>The network.</summary>
    public NetworkId Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its subnets.</summary>
    public ImmutableArray<IPNetwork> Prefixes { get; }

    /// <summary>How many different names there are.</summary>
    internal int Count => _byName.Count;

    /// <summary>Its name in lower case.</summary>
    internal string LowerName { get; }

    /// <summary>Every name with those who have it, in no order.</summary>
    public IEnumerable<KeyValuePair<string, ImmutableSortedSet<NameTarget>>> All => _byName;

    /// <summary>With other subnets.</summary>
    public NetworkNames WithPrefixes(ImmutableArray<IPNetwork> prefixes) => new(Id, Name, prefixes, _byName, _services, _byAddress);

    /// <summary>With the names of an endpoint, which had none here before.</summary>
    public NetworkNames With(EndpointNames endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var target = new NameTarget(endpoint.Id.Value, WireOf(endpoint.Name), endpoint.Ipv4, endpoint.Ipv6, endpoint.Ports);
        var byName = _byName;
        foreach (var name in endpoint.All)
        {
            var holders = byName.GetValueOrDefault(name) ?? ImmutableSortedSet.Create(NameTarget.ByKey);
            byName = byName.SetItem(name, holders.Add(target));
        }

        var byAddress = _byAddress;
        byAddress = endpoint.Ipv4 is { } ipv4 ? byAddress.SetItem(ipv4, target) : byAddress;
        byAddress = endpoint.Ipv6 is { } ipv6 ? byAddress.SetItem(ipv6, target) : byAddress;
        return new NetworkNames(Id, Name, Prefixes, byName, _services, byAddress);
    }

    /// <summary>Without the names of an endpoint, as they were given; names that others have too stay theirs.</summary>
    public NetworkNames Without(EndpointNames endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var sought = new NameTarget(endpoint.Id.Value, [], null, null, []);
        var byName = _byName;
        foreach (var name in endpoint.All)
        {
            if (byName.TryGetValue(name, out var holders))
            {
                holders = holders.Remove(sought);
                byName = holders.IsEmpty ? byName.Remove(name) : byName.SetItem(name, holders);
            }
        }

        var byAddress = WithoutAddress(WithoutAddress(_byAddress, endpoint.Ipv4, sought.Key), endpoint.Ipv6, sought.Key);
        return new NetworkNames(Id, Name, Prefixes, byName, _services, byAddress);
    }

    /// <summary>With a service that has addresses of its own: its name means them, not its tasks.</summary>
    public NetworkNames WithService(string service, IPAddress? ipv4, IPAddress? ipv6, ImmutableArray<ServicePort> ports)
    {
        ArgumentNullException.ThrowIfNull(service);
        var target = new NameTarget(service, WireOf(service), ipv4, ipv6, ports);
        return new NetworkNames(Id, Name, Prefixes, _byName, _services.SetItem(service.ToLowerInvariant(), target), _byAddress);
    }

    /// <summary>Without the addresses of a service; its tasks, if any, are found by its name again.</summary>
    public NetworkNames WithoutService(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return new NetworkNames(Id, Name, Prefixes, _byName, _services.Remove(service.ToLowerInvariant()), _byAddress);
    }

    /// <summary>Those who have a name, in lower case; null if nobody does.</summary>
    internal ImmutableSortedSet<NameTarget>? Find(string name) =>
        _services.TryGetValue(name, out var service) ? ImmutableSortedSet.Create(NameTarget.ByKey, service) : _byName.GetValueOrDefault(name);

    /// <summary>Who has an address; null if nobody does.</summary>
    internal NameTarget? Find(IPAddress address) => _byAddress.GetValueOrDefault(address);

    /// <summary>Whether an address is one of this network's.</summary>
    internal bool Holds(IPAddress address)
    {
        foreach (var prefix in Prefixes)
        {
            if (prefix.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static ImmutableDictionary<IPAddress, NameTarget> WithoutAddress(ImmutableDictionary<IPAddress, NameTarget> byAddress, IPAddress? address, string key) =>
        address is not null && byAddress.TryGetValue(address, out var holder) && holder.Key == key ? byAddress.Remove(address) : byAddress;

    // Names that were accepted by the API always fit; one that did not would be found, but its addresses would have no name.
    private ImmutableArray<byte> WireOf(string name)
    {
        Span<byte> wire = stackalloc byte[NameWire.BytesMax];
        return [.. wire[..NameText.TryWrite($"{name.ToLowerInvariant()}.{LowerName}", wire)]];
    }
}

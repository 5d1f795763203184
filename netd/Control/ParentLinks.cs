using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Interfaces of the host that networks stand on, and by whom each is used. A VLAN of ours uses the interface below.</summary>
/// <param name="All">By name.</param>
internal sealed record ParentLinks(ImmutableSortedDictionary<string, ParentEntry> All)
{
    public static ParentLinks None { get; } = new(ImmutableSortedDictionary.Create<string, ParentEntry>(StringComparer.Ordinal));

    /// <summary>The interfaces that a network stands on, the lowest first; none if it has a device of its own.</summary>
    public static ImmutableArray<string> Of(NetworkRecord network, NetworkTraits traits) => traits.Parent is null
        ? []
        : network.AdoptsLink ? [network.LinkName] : [VlanName.Of(network.LinkName).Base, network.LinkName];

    /// <summary>With a network on its parent.</summary>
    public ParentLinks Hold(NetworkRecord network, NetworkTraits traits)
    {
        if (traits.Parent is null)
        {
            return this;
        }

        var vlan = network.AdoptsLink ? null : VlanName.Of(network.LinkName);
        var entry = All.GetValueOrDefault(network.LinkName) ?? new ParentEntry(vlan);
        var all = All.SetItem(network.LinkName, entry with { Networks = entry.Networks.Add(network.Id) });
        if (entry.Vlan is { } own)
        {
            var below = all.GetValueOrDefault(own.Base) ?? new ParentEntry(null);
            all = all.SetItem(own.Base, below with { Vlans = below.Vlans.Add(network.LinkName) });
        }

        return new ParentLinks(all);
    }

    /// <summary>Without a network: what nobody uses any more goes with it.</summary>
    public ParentLinks Release(NetworkRecord network, NetworkTraits traits)
    {
        if (traits.Parent is null || !All.TryGetValue(network.LinkName, out var entry))
        {
            return this;
        }

        var left = entry with { Networks = entry.Networks.Remove(network.Id) };
        var all = Set(All, network.LinkName, left);
        if (entry.Vlan is { } vlan && left.IsUnused && all.TryGetValue(vlan.Base, out var below))
        {
            all = Set(all, vlan.Base, below with { Vlans = below.Vlans.Remove(network.LinkName) });
        }

        return new ParentLinks(all);
    }

    private static ImmutableSortedDictionary<string, ParentEntry> Set(
        ImmutableSortedDictionary<string, ParentEntry> all, string link, ParentEntry entry) =>
        entry.IsUnused ? all.Remove(link) : all.SetItem(link, entry);
}

/// <summary>An interface of the host that is in use.</summary>
/// <param name="Vlan">What netd makes of it; null if it was there before, and stays.</param>
internal sealed record ParentEntry(VlanName? Vlan)
{
    /// <summary>Networks that stand on it.</summary>
    public ImmutableHashSet<NetworkId> Networks { get; init; } = [];

    /// <summary>VLAN interfaces of ours that stand on it.</summary>
    public ImmutableHashSet<string> Vlans { get; init; } = [];

    public bool IsUnused => Networks.IsEmpty && Vlans.IsEmpty;
}

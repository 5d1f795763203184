using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Answers what the numbers in a link message stand for; names that cannot be found are empty.</summary>
internal interface ILinkNames
{
    /// <summary>The interface with this index in this namespace.</summary>
    string NameOf(NetNs ns, int index);

    /// <summary>The namespace that <paramref name="from"/> knows by this id.</summary>
    NetNs NamespaceOf(NetNs from, int id);
}

/// <summary>Turns link messages into link states.</summary>
internal static class LinkNaming
{
    public static LinkState ToState(this LinkMessage link, NetNs ns, ILinkNames names) => new()
    {
        Namespace = ns,
        Name = link.Name,
        Details = DetailsOf(link, ns, names),
        Alias = link.Alias,
        Mac = link.Mac,
        MtuBytes = link.MtuBytes,
        IsUp = link.IsUp,
        Master = link.MasterIndex == 0 ? string.Empty : names.NameOf(ns, link.MasterIndex),
        Port = link.Port,
        HasLinkLocal = link.HasLinkLocal,
    };

    private static LinkDetails DetailsOf(LinkMessage link, NetNs ns, ILinkNames names)
    {
        var parentNamespace = link.ParentNamespaceId is { } id ? names.NamespaceOf(ns, id) : ns;
        return link.Kind switch
        {
            "bridge" => new BridgeLink(),
            "dummy" => new DummyLink(),
            // Which end made the pair is not told by the kernel; ours are made from the host's end.
            "veth" when ns.IsHost => new VethLink(parentNamespace, string.Empty, default),
            "veth" => new VethPeerLink(parentNamespace, string.Empty),
            "vlan" => new VlanLink(names.NameOf(ns, link.ParentIndex), link.VlanId),
            "macvlan" => new MacvlanLink(parentNamespace, names.NameOf(parentNamespace, link.ParentIndex), link.MacvlanMode),
            "vxlan" => new VxlanLink(link.VxlanId, link.VxlanPort, link.VxlanLocal),
            var kind => new ExistingLink(kind),
        };
    }
}

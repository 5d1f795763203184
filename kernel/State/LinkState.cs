using System.Net;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>A network interface. A null attribute is one we do not decide.</summary>
public sealed record LinkState : KernelObject
{
    /// <summary>Smallest MTU over which IPv6 works (RFC 8200 section 5). Below it the kernel takes all IPv6 off a link, its values too.</summary>
    public const int Ipv6MtuMin = 1280;

    private const int UsualMtu = 1500; // ETH_DATA_LEN, what the kernel gives a new link

    /// <summary>Interface name, 1–15 bytes (IFNAMSIZ).</summary>
    public required string Name { get; init; }

    /// <summary>What kind of device it is.</summary>
    public required LinkDetails Details { get; init; }

    /// <summary>Alias (IFLA_IFALIAS): owner tag, then the owning scope.</summary>
    public string? Alias { get; init; }

    /// <summary>Hardware address.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>MTU in bytes.</summary>
    public int? MtuBytes { get; init; }

    /// <summary>Whether it is administratively up (IFF_UP).</summary>
    public bool? IsUp { get; init; }

    /// <summary>Name of the bridge it is a port of; null if not decided, empty if it must have none.</summary>
    public string? Master { get; init; }

    /// <summary>Settings as a port of that bridge.</summary>
    public BridgePortState? Port { get; init; }

    /// <summary>
    /// Whether the kernel makes an IPv6 link-local address (IFLA_INET6_ADDR_GEN_MODE eui64) or none. Not decided where the MTU is
    /// too small for IPv6, whatever was said: the kernel has no such mode of such a link, and refuses to be given one.
    /// </summary>
    public bool? HasLinkLocal
    {
        get => MtuBytes < Ipv6MtuMin ? null : field;
        init;
    }

    /// <summary>How new addresses of this interface are told to its segment; null for not at all. Not a property of the device.</summary>
    public AnnouncePolicy? Announce { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => KeyOf(Namespace, Name);

    /// <summary>
    /// The other end of a veth pair stands and falls with the one that made it, so its container is that end; a device
    /// stacked on another dies with that one.
    /// </summary>
    public override ObjectKey? Container => Details switch
    {
        VethPeerLink peer => KeyOf(peer.MakerNamespace, peer.MakerName),
        VlanLink vlan => KeyOf(Namespace, vlan.Parent),
        MacvlanLink macvlan => KeyOf(macvlan.ParentNamespace, macvlan.Parent),
        _ => null,
    };

    /// <summary>The links that must be there before this one can be as it shall be: its container and its bridge.</summary>
    public IEnumerable<ObjectKey> StandsOn
    {
        get
        {
            if (Container is { } container)
            {
                yield return container;
            }

            if (Master is { Length: > 0 } master)
            {
                yield return KeyOf(Namespace, master);
            }
        }
    }

    /// <summary>The key of an interface.</summary>
    public static ObjectKey KeyOf(NetNs ns, string name) => new(ns, ObjectKind.Link, name);

    /// <summary>
    /// The MTU that it shall have, being at another one; null to leave it. Where none is decided and the kernel's own is too small
    /// for the IPv6 that it shall have, that is the usual one.
    /// </summary>
    public int? MtuFrom(int currentBytes) => MtuBytes ?? (HasLinkLocal == true && currentBytes < Ipv6MtuMin ? UsualMtu : null);

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        var other = (LinkState)observed;
        if (!Details.Matches(other.Details))
        {
            return new Difference(DifferenceKind.Replace, [$"kind {other.Details} → {Details}"]);
        }

        var fields = new List<string>();
        Compare("alias", Alias, other.Alias, fields);
        Compare("mac", Mac, other.Mac, fields);
        var mtu = other.MtuBytes is { } current ? MtuFrom(current) : MtuBytes;
        Compare("mtu", mtu, other.MtuBytes, fields);
        Compare("up", IsUp, other.IsUp, fields);
        Compare("master", Master, other.Master ?? (Master is null ? null : string.Empty), fields);
        Compare("port", Port, other.Port, fields);
        Compare("link-local", (mtu ?? other.MtuBytes) < Ipv6MtuMin ? null : HasLinkLocal, other.HasLinkLocal, fields);
        return fields.Count == 0 ? Difference.None : new Difference(DifferenceKind.Changeable, fields);
    }

    /// <inheritdoc/>
    public override string Describe()
    {
        var text = $"link {Name} {Details}";
        if (Master is { Length: > 0 })
        {
            text += $" master {Master}";
        }

        if (MtuBytes is { } mtu)
        {
            text += $" mtu {mtu}";
        }

        if (Mac is { } mac)
        {
            text += $" mac {mac}";
        }

        if (Port is { } port)
        {
            text += $" {port}";
        }

        return IsUp is { } up ? text + (up ? " up" : " down") : text;
    }

    private static void Compare<T>(string name, T? desired, T? observed, List<string> fields)
    {
        if (desired is not null && !EqualityComparer<T>.Default.Equals(desired, observed))
        {
            fields.Add($"{name} {(observed is null ? "unset" : observed)} → {desired}");
        }
    }
}

/// <summary>How often and how far apart addresses are announced (FACTS 1.3, advertise_addr_*).</summary>
/// <param name="Count">0–3.</param>
/// <param name="Interval">100–2000 ms.</param>
public sealed record AnnouncePolicy(int Count, TimeSpan Interval)
{
    /// <summary>Three times, a second apart.</summary>
    public static AnnouncePolicy Default { get; } = new(3, TimeSpan.FromSeconds(1));
}

/// <summary>Settings of a bridge port.</summary>
/// <param name="IsIsolated">Isolated ports do not talk to each other (IFLA_BRPORT_ISOLATED): icc=false.</param>
/// <param name="HasHairpin">Frames may leave by the port they came in (IFLA_BRPORT_MODE).</param>
public sealed record BridgePortState(bool IsIsolated, bool HasHairpin)
{
    /// <summary>What the kernel gives a port that is new to its bridge (br_add_if).</summary>
    public static BridgePortState Fresh { get; } = new(IsIsolated: false, HasHairpin: false);

    /// <inheritdoc/>
    public override string ToString() => $"isolated {(IsIsolated ? "on" : "off")} hairpin {(HasHairpin ? "on" : "off")}";
}

/// <summary>The kind of a link with what only that kind has. A closed union.</summary>
public abstract record LinkDetails
{
    private protected LinkDetails()
    {
    }

    /// <summary>True if an observed device of these details is the one desired.</summary>
    public virtual bool Matches(LinkDetails observed) => Equals(observed);
}

/// <summary>An Ethernet bridge.</summary>
public sealed record BridgeLink : LinkDetails
{
    /// <inheritdoc/>
    public override string ToString() => "bridge";
}

/// <summary>The end of a veth pair that makes the pair; the other end is made with it, inside its own namespace.</summary>
/// <param name="PeerNamespace">Where the other end lives.</param>
/// <param name="PeerName">Name of the other end.</param>
/// <param name="PeerMac">Hardware address of the other end.</param>
public sealed record VethLink(NetNs PeerNamespace, string PeerName, MacAddress PeerMac) : LinkDetails
{
    /// <summary>The other end is observed as a link of its own, so kind alone decides here.</summary>
    public override bool Matches(LinkDetails observed) => observed is VethLink or VethPeerLink;

    /// <inheritdoc/>
    public override string ToString() => $"veth peer {PeerName} in {PeerNamespace}";
}

/// <summary>The end of a veth pair that was made with the other.</summary>
/// <param name="MakerNamespace">Where the making end lives.</param>
/// <param name="MakerName">Name of the making end.</param>
public sealed record VethPeerLink(NetNs MakerNamespace, string MakerName) : LinkDetails
{
    /// <summary>Kind alone decides; the pair's identity is checked through the making end.</summary>
    public override bool Matches(LinkDetails observed) => observed is VethLink or VethPeerLink;

    /// <inheritdoc/>
    public override string ToString() => $"veth peer of {MakerName} in {MakerNamespace}";
}

/// <summary>An 802.1Q sub-interface.</summary>
/// <param name="Parent">The interface below.</param>
/// <param name="VlanId">1–4094.</param>
public sealed record VlanLink(string Parent, int VlanId) : LinkDetails
{
    /// <inheritdoc/>
    public override string ToString() => $"vlan {VlanId} on {Parent}";
}

/// <summary>Mode of a macvlan device (MACVLAN_MODE_* of if_link.h).</summary>
public enum MacvlanMode
{
    /// <summary>MACVLAN_MODE_PRIVATE.</summary>
    Private = 1,

    /// <summary>MACVLAN_MODE_VEPA.</summary>
    Vepa = 2,

    /// <summary>MACVLAN_MODE_BRIDGE.</summary>
    Bridge = 4,

    /// <summary>MACVLAN_MODE_PASSTHRU.</summary>
    Passthru = 8,
}

/// <summary>A macvlan device.</summary>
/// <param name="ParentNamespace">Where the interface below lives.</param>
/// <param name="Parent">The interface below.</param>
/// <param name="Mode">Its mode.</param>
public sealed record MacvlanLink(NetNs ParentNamespace, string Parent, MacvlanMode Mode) : LinkDetails
{
    /// <inheritdoc/>
    public override string ToString() => $"macvlan {Mode} on {Parent}";
}

/// <summary>A VXLAN device.</summary>
/// <param name="VniNumber">VXLAN network identifier, 24 bits.</param>
/// <param name="Port">UDP port, 4789 by IANA.</param>
/// <param name="Local">Source address of the tunnel; null for any.</param>
public sealed record VxlanLink(int VniNumber, int Port, IPAddress? Local) : LinkDetails
{
    /// <inheritdoc/>
    public override string ToString() => $"vxlan {VniNumber} port {Port}";
}

/// <summary>A dummy device.</summary>
public sealed record DummyLink : LinkDetails
{
    /// <inheritdoc/>
    public override string ToString() => "dummy";
}

/// <summary>A device that stands there without us: an uplink, <c>lo</c>, an adopted bridge. It is changed, never made or deleted.</summary>
/// <param name="Kind">The kernel's word for its kind (IFLA_INFO_KIND), empty for hardware and loopback.</param>
public sealed record ExistingLink(string Kind) : LinkDetails
{
    /// <summary>True if nothing of it is changed either: where it is not as it shall be, that is waited for.</summary>
    public bool IsLeftAlone { get; init; }

    /// <summary>Whatever stands there is meant.</summary>
    public override bool Matches(LinkDetails observed) => true;

    /// <inheritdoc/>
    public override string ToString() => Kind.Length == 0 ? "existing" : $"existing {Kind}";
}

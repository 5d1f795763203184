namespace Networking.Drivers;

/// <summary>
/// What a network of a driver is to the rest of the daemon: which claims have to be granted before there is a view of it,
/// and what of the node takes part. Whoever would ask "is it a bridge?" asks this.
/// </summary>
public sealed record NetworkTraits
{
    /// <summary>
    /// Its packets pass this host: it forwards them, its firewall has elements of the network, and ports of the host can
    /// lead to endpoints.
    /// </summary>
    public bool IsRoutedByHost { get; init; }

    /// <summary>Why ports of the host cannot lead to its endpoints; null if they can. Asked for, they are discarded with a warning.</summary>
    public string? PortsAreDiscarded { get; init; }

    /// <summary>
    /// Its published ports are reached from 127.0.0.1, which the kernel lets pass over its device only if told so.
    /// </summary>
    public bool IsReachedFromLoopback { get; init; }

    /// <summary>It has no way out, whether or not that was asked.</summary>
    public bool IsInternal { get; init; }

    /// <summary>It is there without being made, and cannot be made, changed or removed.</summary>
    public bool IsPredefined { get; init; }

    /// <summary>What the name of a device of its own begins with; null if it has none.</summary>
    public string? DevicePrefix { get; init; }

    /// <summary>The name asked for that device; one that is there is adopted. Null for one made from the network's id.</summary>
    public string? DeviceName { get; init; }

    /// <summary>The interface of the host that it stands on; null if on none.</summary>
    public ParentNeed? Parent { get; init; }

    /// <summary>Where its IPv4 gateway comes from.</summary>
    public GatewayRule Gateway4 { get; init; }

    /// <summary>Where its IPv6 gateway comes from.</summary>
    public GatewayRule Gateway6 { get; init; }

    /// <summary>The host has an address of its own on it, besides what it has on the parent.</summary>
    public bool HasHostShim { get; init; }

    /// <summary>What interface names in sandboxes begin with; null if an endpoint has no interface.</summary>
    public string? InterfacePrefix { get; init; }

    /// <summary>An endpoint has an end on the host.</summary>
    public bool HasHostInterface { get; init; }

    /// <summary>Endpoints have the hardware address of the parent, not one of their own.</summary>
    public bool HasParentMac { get; init; }

    /// <summary>Whose namespace a sandbox on it must be.</summary>
    public SandboxRule Sandbox { get; init; }

    /// <summary>How many endpoints it can have.</summary>
    public int EndpointsMax { get; init; } = int.MaxValue;

    /// <summary>What sets that limit, such as <c>the most a Linux bridge can have (BR_MAX_PORTS)</c>.</summary>
    public string EndpointsLimit { get; init; } = string.Empty;

    /// <summary>Where the gateway of a family comes from.</summary>
    public GatewayRule GatewayOf(bool isIpv6) => isIpv6 ? Gateway6 : Gateway4;
}

/// <summary>An interface of the host that a network stands on.</summary>
/// <param name="Link">Its name; with a VLAN id behind a dot, one that is made if it is not there.</param>
/// <param name="IsAlone">No other network may stand on it.</param>
public sealed record ParentNeed(string Link, bool IsAlone);

/// <summary>Which sandboxes can be on a network.</summary>
public enum SandboxRule
{
    /// <summary>Any with a namespace of its own.</summary>
    Own,

    /// <summary>One with a namespace of its own that is on no other network.</summary>
    Alone,

    /// <summary>One in the host's namespace.</summary>
    Host,
}

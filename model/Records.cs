using System.Collections.Immutable;
using System.Net;

namespace Networking.Model;

/// <summary>A network as committed: what was asked and every claim granted for it.</summary>
public sealed record NetworkRecord
{
    /// <summary>Its id.</summary>
    public required NetworkId Id { get; init; }

    /// <summary>What was asked.</summary>
    public required NetworkSpec Spec { get; init; }

    /// <summary>What was asked before the last change; null if it was never changed. The last change can be undone to it.</summary>
    public NetworkSpec? Previous { get; init; }

    /// <summary>
    /// Name of the network's device on the host, at most 15 bytes: its own, claimed, or the parent that it shares with
    /// others. Empty for a network that has none.
    /// </summary>
    public required string LinkName { get; init; }

    /// <summary>
    /// Hardware address of a device of its own, fixed so that it does not follow its ports; of the parent, where endpoints
    /// take that one over.
    /// </summary>
    public required MacAddress LinkMac { get; init; }

    /// <summary>True if the device stood there before and outlives the network.</summary>
    public bool AdoptsLink { get; init; }

    /// <summary>Gateway addresses that stood on an adopted device already: they are used, and stay when the network goes.</summary>
    public ImmutableArray<IPAddress> AdoptedAddresses { get; init; } = [];

    /// <summary>MTU of an adopted bridge when it was adopted: what its endpoints have unless another is asked for; null for other networks.</summary>
    public int? AdoptedMtuBytes { get; init; }

    /// <summary>The first IPv4 subnet; null without IPv4.</summary>
    public SubnetRecord? Ipv4 { get; init; }

    /// <summary>The first IPv6 subnet; null without IPv6.</summary>
    public SubnetRecord? Ipv6 { get; init; }

    /// <summary>Further subnets of both families, in the order asked; only some drivers have them.</summary>
    public ImmutableArray<SubnetRecord> MoreSubnets { get; init; } = [];

    /// <summary>All subnets: of each family the first one first.</summary>
    public IEnumerable<SubnetRecord> Subnets => new[] { Ipv4, Ipv6 }.OfType<SubnetRecord>().Concat(MoreSubnets);

    /// <summary>The subnet that an address is in; null if it is in none.</summary>
    public SubnetRecord? SubnetOf(IPAddress? address) =>
        address is null ? null : Subnets.FirstOrDefault(s => Prefix.Contains(s.Prefix, address));

    /// <summary>When it was committed.</summary>
    public required DateTimeOffset Created { get; init; }
}

/// <summary>How a sandbox's namespace is found and when it counts as gone.</summary>
public enum SandboxOwner
{
    /// <summary>Made and kept by this daemon; lives until it is removed, dies with the boot.</summary>
    Daemon,

    /// <summary>A path such as <c>/run/netns/x</c>; gone when nothing, or another namespace, is mounted there.</summary>
    Path,

    /// <summary>A process; gone when the process is.</summary>
    Process,
}

/// <summary>A sandbox as committed. It dies with the boot: <see cref="BootId"/> tells.</summary>
public sealed record SandboxRecord
{
    /// <summary>Its id.</summary>
    public required SandboxId Id { get; init; }

    /// <summary>Name: chosen by the user for sandboxes of ours, else the reference it was made from.</summary>
    public required string Name { get; init; }

    /// <summary>Who keeps the namespace.</summary>
    public required SandboxOwner Owner { get; init; }

    /// <summary>Path by which the namespace is opened (for a process, <c>/proc/PID/ns/net</c>).</summary>
    public required string Path { get; init; }

    /// <summary>The owning process, with <see cref="ProcessStartTicks"/> to tell it from a later one of that number.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Start time of the owning process in clock ticks since boot (field 22 of /proc/PID/stat).</summary>
    public long? ProcessStartTicks { get; init; }

    /// <summary>The namespace's SO_NETNS_COOKIE.</summary>
    public required NetNs Namespace { get; init; }

    /// <summary>The boot in which it was made (/proc/sys/kernel/random/boot_id).</summary>
    public required string BootId { get; init; }

    /// <summary>Values of sysctls from before we changed them, by path below /proc/sys.</summary>
    public ImmutableSortedDictionary<string, string> OriginalSysctls { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>It is on its way out: kept until what we changed in its namespace is put back.</summary>
    public bool IsRemoving { get; init; }

    /// <summary>When it was committed.</summary>
    public required DateTimeOffset Created { get; init; }
}

/// <summary>An endpoint as committed: what was asked and every claim granted for it. It dies with the boot.</summary>
public sealed record EndpointRecord
{
    /// <summary>Its id.</summary>
    public required EndpointId Id { get; init; }

    /// <summary>The network it is on.</summary>
    public required NetworkId NetworkId { get; init; }

    /// <summary>The sandbox it is in.</summary>
    public required SandboxId SandboxId { get; init; }

    /// <summary>Name, unique on its network.</summary>
    public required string Name { get; init; }

    /// <summary>What was asked.</summary>
    public required EndpointSpec Spec { get; init; }

    /// <summary>Name of the device's end on the host, claimed; empty where it has none.</summary>
    public required string HostInterface { get; init; }

    /// <summary>Name of the interface in the sandbox, claimed; empty for an endpoint without one.</summary>
    public required string Interface { get; init; }

    /// <summary>Hardware address of the interface in the sandbox.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>
    /// Hardware address of the end on the host, where it must not become that of a bridge of somebody else's; null for one of the kernel's choice.
    /// </summary>
    public MacAddress? HostMac { get; init; }

    /// <summary>IPv4 address lease; null without IPv4.</summary>
    public InterfaceAddress? Ipv4 { get; init; }

    /// <summary>IPv6 address lease; null without IPv6.</summary>
    public InterfaceAddress? Ipv6 { get; init; }

    /// <summary>Ports of the host that lead to it, granted.</summary>
    public ImmutableArray<PublishedPort> Ports { get; init; } = [];

    /// <summary>The boot in which it was made.</summary>
    public required string BootId { get; init; }

    /// <summary>When it was committed.</summary>
    public required DateTimeOffset Created { get; init; }
}

/// <summary>What this daemon remembers about the node it runs on.</summary>
public sealed record NodeRecord
{
    /// <summary>Eight hex digits that mark every kernel object of this instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Host sysctls from before we changed them, by path below /proc/sys; valid in <see cref="BootId"/> only.</summary>
    public ImmutableSortedDictionary<string, string> OriginalSysctls { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The boot in which <see cref="OriginalSysctls"/> were read.</summary>
    public required string BootId { get; init; }
}

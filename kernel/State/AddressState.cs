using System.Net;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>An address of an interface. Ours carry <see cref="Ownership.AddressProtocol"/> (IFA_PROTO).</summary>
public sealed record AddressState : KernelObject
{
    /// <summary>The interface.</summary>
    public required string Link { get; init; }

    /// <summary>The address and its on-link prefix.</summary>
    public required InterfaceAddress Address { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => KeyOf(Namespace, Link, Address);

    /// <summary>The key of an address.</summary>
    public static ObjectKey KeyOf(NetNs ns, string link, InterfaceAddress address) =>
        new(ns, ObjectKind.Address, $"{link} {address}");

    /// <inheritdoc/>
    public override ObjectKey? Container => LinkState.KeyOf(Namespace, Link);

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed) => Difference.None;

    /// <inheritdoc/>
    public override string Describe() => $"address {Address} on {Link}";
}

/// <summary>A unicast route. Ours carry <see cref="Ownership.RouteProtocol"/> (rtm_protocol).</summary>
public sealed record RouteState : KernelObject
{
    /// <summary>Destination; <c>0.0.0.0/0</c> or <c>::/0</c> for the default route.</summary>
    public required IPNetwork Destination { get; init; }

    /// <summary>The interface it leaves by.</summary>
    public required string Link { get; init; }

    /// <summary>Next hop; null for an on-link route.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>Priority; 0 for IPv4's default, 1024 for IPv6's.</summary>
    public int Metric { get; init; }

    /// <summary>Routing table, 254 for main.</summary>
    public int Table { get; init; } = 254;

    /// <inheritdoc/>
    public override ObjectKey Key => new(Namespace, ObjectKind.Route, $"{Destination} metric {Metric} table {Table}");

    /// <inheritdoc/>
    public override ObjectKey? Container => LinkState.KeyOf(Namespace, Link);

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        var other = (RouteState)observed;
        var fields = new List<string>();
        if (Link != other.Link)
        {
            fields.Add($"dev {other.Link} → {Link}");
        }

        if (!Equals(Gateway, other.Gateway))
        {
            fields.Add($"via {other.Gateway?.ToString() ?? "on-link"} → {Gateway?.ToString() ?? "on-link"}");
        }

        return fields.Count == 0 ? Difference.None : new Difference(DifferenceKind.Changeable, fields);
    }

    /// <inheritdoc/>
    public override string Describe() =>
        $"route {Destination}{(Gateway is null ? string.Empty : $" via {Gateway}")} dev {Link} metric {Metric}{(Table == 254 ? string.Empty : $" table {Table}")}";
}

/// <summary>A permanent neighbour entry.</summary>
public sealed record NeighborState : KernelObject
{
    /// <summary>The interface.</summary>
    public required string Link { get; init; }

    /// <summary>The neighbour's address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The neighbour's hardware address.</summary>
    public required MacAddress Mac { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => new(Namespace, ObjectKind.Neighbor, $"{Link} {Address}");

    /// <inheritdoc/>
    public override ObjectKey? Container => LinkState.KeyOf(Namespace, Link);

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        var other = (NeighborState)observed;
        return Mac == other.Mac ? Difference.None : new Difference(DifferenceKind.Changeable, [$"mac {other.Mac} → {Mac}"]);
    }

    /// <inheritdoc/>
    public override string Describe() => $"neighbor {Address} lladdr {Mac} on {Link}";
}

/// <summary>A forwarding database entry of a bridge port or VXLAN device.</summary>
public sealed record FdbState : KernelObject
{
    /// <summary>The device.</summary>
    public required string Link { get; init; }

    /// <summary>The hardware address it leads to; zero for the default entry of a VXLAN device.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>Remote tunnel end point; null for a bridge entry.</summary>
    public IPAddress? Remote { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => new(Namespace, ObjectKind.Fdb, $"{Link} {Mac} {Remote}");

    /// <inheritdoc/>
    public override ObjectKey? Container => LinkState.KeyOf(Namespace, Link);

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed) => Difference.None;

    /// <inheritdoc/>
    public override string Describe() => $"fdb {Mac} dst {Remote} on {Link}";
}

/// <summary>A policy routing rule: packets with a firewall mark look in a table. Ours carry <see cref="Ownership.RouteProtocol"/> (FRA_PROTOCOL).</summary>
public sealed record RuleState : KernelObject
{
    /// <summary>True for IPv6.</summary>
    public required bool IsIpv6 { get; init; }

    /// <summary>Priority; the lower is looked at first.</summary>
    public required int Priority { get; init; }

    /// <summary>Firewall mark to match.</summary>
    public required uint Mark { get; init; }

    /// <summary>Which bits of the mark count.</summary>
    public uint MarkMask { get; init; } = uint.MaxValue;

    /// <summary>Table to look in.</summary>
    public required int Table { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key =>
        new(Namespace, ObjectKind.Rule, $"{(IsIpv6 ? "inet6" : "inet")} {Priority} mark {Mark:x}/{MarkMask:x} table {Table}");

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed) => Difference.None;

    /// <inheritdoc/>
    public override string Describe() => $"rule {Priority} fwmark 0x{Mark:x}/0x{MarkMask:x} lookup {Table}";
}

/// <summary>A value below /proc/sys/net.</summary>
public sealed record SysctlState : KernelObject
{
    /// <summary>Path below /proc/sys with slashes, such as <c>net/ipv4/ip_forward</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The value, as text without a newline.</summary>
    public required string Value { get; init; }

    /// <summary>The value to write when this object is deleted; null to leave it (it dies with its interface).</summary>
    public string? Original { get; init; }

    /// <summary>
    /// True if there is nothing to do where the kernel has no such value: a guard of IPv6 on a host without IPv6.
    /// </summary>
    public bool MayBeMissing { get; init; }

    /// <summary>The interface it belongs to; null for a value of the namespace.</summary>
    public string? Link { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => new(Namespace, Kind, Path);

    /// <inheritdoc/>
    public override ObjectKey? Container => Link is null ? null : LinkState.KeyOf(Namespace, Link);

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        var other = (SysctlState)observed;
        return SysctlValue.IsSame(Value, other.Value) ? Difference.None : new Difference(DifferenceKind.Changeable, [$"value {other.Value} → {Value}"]);
    }

    /// <inheritdoc/>
    public override string Describe() => $"sysctl {Path} = {Value}";

    private ObjectKind Kind => Link is not null
        ? Path.EndsWith("/disable_ipv6", StringComparison.Ordinal) ? ObjectKind.LinkSwitch : ObjectKind.LinkSysctl
        : Path is "net/ipv4/ip_forward" or "net/ipv6/conf/all/forwarding" or "net/ipv6/conf/default/forwarding"
            ? ObjectKind.ForwardingSysctl
            : ObjectKind.Sysctl;
}

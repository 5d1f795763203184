using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>
/// Host ports that rules of others translate, as far as they can be read: a rule that names the port takes it from us; one
/// that asks for more than we understand, or for one address of several, may take some of its packets.
/// </summary>
internal sealed class ForeignPorts(ImmutableArray<ForeignPortRule> translations)
{
    /// <summary>No rule of others translates anything.</summary>
    public static ForeignPorts None { get; } = new([]);

    /// <summary>Rules that drop forwarded packets to a port or address.</summary>
    public ImmutableArray<ForeignPortRule> DroppedThrough { get; init; } = [];

    /// <summary>Rules that drop packets to a port or address of the host.</summary>
    public ImmutableArray<ForeignPortRule> DroppedHere { get; init; } = [];

    /// <summary>The rule that takes a port for itself; null if none does.</summary>
    public ForeignPortRule? Holder(PortGrant grant) => translations.FirstOrDefault(t =>
        t is { Protocol: not null, Ports: not null } && Takes(t, grant) && (t.Destination is null || !IsAny(grant)));

    /// <summary>The rules that may take or drop some packets to a published port, in words.</summary>
    public IEnumerable<string> Obstacles(PublishedPort port) =>
    [
        .. translations.Where(t => port.TakesHostPorts && TakesAtHost(t, port)).Select(static t => $"a rule of others may take its packets first, {t}"),
        .. Drops(port).Select(static d => $"a rule of others may drop its packets, {d}: nft -a list chain {d.Family} {d.Table} {d.Chain} shows it"),
    ];

    // What the forwarder serves ends at the host; everything else is forwarded, to the target's own address and port by then.
    private IEnumerable<ForeignPortRule> Drops(PublishedPort port) => port.Path == PortPath.Forwarder
        ? DroppedHere.Where(d => port.Exposure != PortExposure.Loopback && TakesAtHost(d, port))
        : DroppedThrough.Where(d => d.Takes((byte)port.Protocol, port.TargetPorts, port.TargetAddress, port.IsIpv6));

    private static bool TakesAtHost(ForeignPortRule rule, PublishedPort port) =>
        rule.Takes((byte)port.Protocol, port.HostPorts, port.IsAnyAddress ? null : port.HostAddress, port.IsIpv6);

    private static bool Takes(ForeignPortRule translation, PortGrant grant) => translation.Takes(
        (byte)grant.Protocol, grant.HostPorts, IsAny(grant) ? null : grant.Binding.HostAddress, Prefix.BitsOf(grant.Binding.HostAddress) == 128);

    private static bool IsAny(PortGrant grant) =>
        grant.Binding.HostAddress.Equals(System.Net.IPAddress.Any) || grant.Binding.HostAddress.Equals(System.Net.IPAddress.IPv6Any);
}

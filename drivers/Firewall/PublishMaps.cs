using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// The maps that hold published ports, and their elements. For each exposure and family there are three to translate by:
/// exact ports of one host address, exact ports of any, and ranges; and two that say what of a routed network is open.
/// </summary>
/// <remarks>
/// Exact-match hashes cost a packet one lookup whatever they hold. A range whose host and target numbers are equal is one
/// element of an interval map, without port rewrite; such maps are kept apart and small, for the kernel clones a
/// concatenation with intervals whole at each commit. A shifted range is one exact element a port.
/// </remarks>
internal static class PublishMaps
{
    private static readonly ImmutableArray<PortExposure> Exposures = [PortExposure.Loopback, PortExposure.Lan, PortExposure.World];

    /// <summary>All maps, empty.</summary>
    public static IEnumerable<KernelObject> Desired() =>
        Exposures.SelectMany(static e => OfFamily(e, isIpv6: false).Concat(OfFamily(e, isIpv6: true)));

    /// <summary>The chain that translates what clients of an exposure may reach.</summary>
    public static string TranslationChain(PortExposure exposure) => $"to_{Reach(exposure)}";

    /// <summary>The rules of <see cref="TranslationChain"/>: at most one map has the port.</summary>
    public static ImmutableArray<FirewallRule> TranslationRules(PortExposure exposure) =>
    [
        .. TranslationRules(exposure, isIpv6: false),
        .. TranslationRules(exposure, isIpv6: true),
    ];

    /// <summary>A rule that matches what a routed network has opened, by single port and by range.</summary>
    public static IEnumerable<MatchSet> OpenMatches(PortExposure exposure, bool isIpv6) =>
    [
        new(AddressProtocolPort(isIpv6), Map(exposure, "open", isIpv6)),
        new(AddressProtocolPort(isIpv6), Map(exposure, "open_ranges", isIpv6)),
    ];

    /// <summary>A port that is translated.</summary>
    public static IEnumerable<FirewallElementState> Translated(PublishedPort port, ScopeId owner)
    {
        var type = FirewallTypes.Address(port.IsIpv6);
        if (port.IsUnshifted && port.HostPorts.Count > 1)
        {
            var address = port.IsAnyAddress ? WholeFamily(port.IsIpv6) : port.HostAddress.ToString();
            yield return Keyed(Map(port.Exposure, "ranges", port.IsIpv6), [address, port.Protocol.Word(), port.HostPorts.ToString()], type, owner) with
            {
                Value = port.TargetAddress.ToString(),
                ValueTypes = [type],
            };
            yield break;
        }

        for (var i = 0; i < port.HostPorts.Count; i++)
        {
            var hostPort = Number(port.HostPorts.First + i);
            var element = port.IsAnyAddress
                ? BridgeSets.Element(
                    Map(port.Exposure, "any", port.IsIpv6), owner, [port.Protocol.Word(), hostPort], [FirewallType.Protocol, FirewallType.Port])
                : Keyed(Map(port.Exposure, "ports", port.IsIpv6), [port.HostAddress.ToString(), port.Protocol.Word(), hostPort], type, owner);
            yield return element with
            {
                Value = $"{port.TargetAddress} . {Number(port.TargetFirst + i)}",
                ValueTypes = [type, FirewallType.Port],
            };
        }
    }

    /// <summary>
    /// Ports of an endpoint whose own address is reached, so that the host's numbers mean nothing. Several host ports may lead to
    /// one of them, and ranges into each other: what overlaps is opened once, for the kernel refuses intervals that do.
    /// </summary>
    public static IEnumerable<FirewallElementState> Opened(IEnumerable<PublishedPort> ports, ScopeId owner) =>
        from port in ports
        group port.TargetPorts by (port.Exposure, port.Protocol, port.TargetAddress, port.IsIpv6) into same
        let key = same.Key
        from range in Disjoint(same)
        select Keyed(
            Map(key.Exposure, range.Count > 1 ? "open_ranges" : "open", key.IsIpv6),
            [key.TargetAddress.ToString(), key.Protocol.Word(), range.ToString()],
            FirewallTypes.Address(key.IsIpv6),
            owner);

    private static IEnumerable<FirewallSetState> OfFamily(PortExposure exposure, bool isIpv6)
    {
        var address = FirewallTypes.Address(isIpv6);
        ImmutableArray<FirewallType> full = [address, FirewallType.Protocol, FirewallType.Port];
        yield return BridgeSets.Set(Map(exposure, "ports", isIpv6), full) with { ValueTypes = [address, FirewallType.Port] };
        yield return BridgeSets.Set(Map(exposure, "any", isIpv6), FirewallType.Protocol, FirewallType.Port) with { ValueTypes = [address, FirewallType.Port] };
        yield return BridgeSets.Set(Map(exposure, "ranges", isIpv6), full) with { ValueTypes = [address], IsInterval = true };
        if (exposure != PortExposure.Loopback)
        {
            // The host itself reaches every sandbox: there is nothing to open for it.
            yield return BridgeSets.Set(Map(exposure, "open", isIpv6), full);
            yield return BridgeSets.Set(Map(exposure, "open_ranges", isIpv6), full) with { IsInterval = true };
        }
    }

    private static IEnumerable<FirewallRule> TranslationRules(PortExposure exposure, bool isIpv6)
    {
        var family = isIpv6 ? "ipv6" : "ipv4";
        yield return FirewallRule.Create(
            $"port of an address {family}",
            new MatchFamily(isIpv6),
            new DestinationNatMap(isIpv6, AddressProtocolPort(isIpv6), Map(exposure, "ports", isIpv6), HasPort: true));
        yield return FirewallRule.Create(
            $"port of any address {family}",
            new MatchFamily(isIpv6),
            new DestinationNatMap(isIpv6, [FirewallField.Protocol, FirewallField.DestinationPort], Map(exposure, "any", isIpv6), HasPort: true));
        yield return FirewallRule.Create(
            $"range {family}",
            new MatchFamily(isIpv6),
            new DestinationNatMap(isIpv6, AddressProtocolPort(isIpv6), Map(exposure, "ranges", isIpv6), HasPort: false));
    }

    private static List<PortRange> Disjoint(IEnumerable<PortRange> ranges)
    {
        var disjoint = new List<PortRange>();
        foreach (var range in ranges.OrderBy(static r => r.First))
        {
            if (disjoint.Count > 0 && disjoint[^1].Overlaps(range))
            {
                disjoint[^1] = new PortRange(disjoint[^1].First, Math.Max(disjoint[^1].Last, range.Last));
            }
            else
            {
                disjoint.Add(range);
            }
        }

        return disjoint;
    }

    private static ImmutableArray<FirewallField> AddressProtocolPort(bool isIpv6) =>
        [FirewallTypes.Destination(isIpv6), FirewallField.Protocol, FirewallField.DestinationPort];

    private static FirewallElementState Keyed(string map, ImmutableArray<string> key, FirewallType address, ScopeId owner) =>
        BridgeSets.Element(map, owner, key, [address, FirewallType.Protocol, FirewallType.Port]);

    private static string WholeFamily(bool isIpv6) => isIpv6 ? $"::-{IPAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}" : "0.0.0.0-255.255.255.255";

    private static string Map(PortExposure exposure, string kind, bool isIpv6) => $"{Reach(exposure)}_{kind}{(isIpv6 ? '6' : '4')}";

    private static string Reach(PortExposure exposure) => exposure switch
    {
        PortExposure.Loopback => "host",
        PortExposure.Lan => "lan",
        _ => "world",
    };

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}

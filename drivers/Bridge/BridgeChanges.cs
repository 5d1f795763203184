using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// What of a bridge network can be changed while endpoints are on it. A table for users is in
/// <c>docs/tasks/change-a-network.md</c>.
/// </summary>
internal static class BridgeChanges
{
    public static NetworkVerdict Judge(NetworkRecord network, ImmutableArray<EndpointRecord> endpoints, NetworkSpec after)
    {
        var before = network.Spec;
        var (was, will) = (BridgeOptions.Of(before), BridgeOptions.Of(after));
        var problems = new List<Problem>();
        var warnings = new List<string>();
        ChangeRules.Fixed("NAME", "name", before.Name, after.Name, problems);
        ChangeRules.Fixed("--driver", "driver", before.Driver, after.Driver, problems);
        ChangeRules.Fixed("--internal", "internal", before.Internal, after.Internal, problems);
        ChangeRules.Fixed("-o name", "device name", was.LinkName, will.LinkName, problems);
        CheckModes(was, will, endpoints, problems);
        CheckInhibit(was, will, endpoints, problems);
        CheckFamilies(before, after, endpoints, problems);
        if (network.AdoptsLink && was.MtuBytes != will.MtuBytes)
        {
            problems.Add(new Problem(
                "change.adopted", "-o mtu", $"device {network.LinkName} was adopted, and its MTU is not netd's to change", "change it where the device is made"));
        }

        if (!endpoints.IsEmpty)
        {
            ChangeRules.Later(was.InterfacePrefix != will.InterfacePrefix, "the interface prefix", warnings);
            ChangeRules.Later(was.Announce != will.Announce, "how addresses are announced", warnings);
            ChangeRules.Later(was.Exposure != will.Exposure, "the exposure of published ports", warnings);
            ChangeRules.Later(!Equals(was.HostBinding4, will.HostBinding4), "the host address of published ports", warnings);
        }

        var reachesEndpoints = (was.HasIcc, was.MtuBytes) != (will.HasIcc, will.MtuBytes)
            || (before.Ipv4, before.Ipv6) != (after.Ipv4, after.Ipv6)
            || was.TrustedInterfaces.IsEmpty != will.TrustedInterfaces.IsEmpty;
        return new NetworkVerdict([.. problems], [.. warnings], reachesEndpoints);
    }

    private static void CheckModes(BridgeOptions was, BridgeOptions will, ImmutableArray<EndpointRecord> endpoints, List<Problem> problems)
    {
        foreach (var isIpv6 in new[] { false, true })
        {
            var (before, now) = (was.ModeOf(isIpv6), will.ModeOf(isIpv6));
            var (family, field) = (SubnetRules.FamilyOf(isIpv6), $"-o gateway-mode-{SubnetRules.FamilyOf(isIpv6).ToLowerInvariant()}");
            if (before == now)
            {
                continue;
            }

            if (before == GatewayMode.Isolated || now == GatewayMode.Isolated)
            {
                ChangeRules.Fixed(field, $"{family} gateway mode, where isolated is one of them,", before, now, problems);
            }
            else if ((before == GatewayMode.Routed) != (now == GatewayMode.Routed)
                && endpoints.Where(e => e.Ports.Any(p => p.IsIpv6 == isIpv6)).Select(static e => e.Name).ToArray() is { Length: > 0 } publishing)
            {
                problems.Add(new Problem(
                    "change.ports",
                    field,
                    $"endpoints publish {family} ports, which mean something else in gateway mode {now}: {Some(publishing)}",
                    "disconnect them first, or take their ports back with netctl update NETWORK SANDBOX --unpublish"));
            }
        }
    }

    // Without an address on the bridge the host has no way to what it has published.
    private static void CheckInhibit(BridgeOptions was, BridgeOptions will, ImmutableArray<EndpointRecord> endpoints, List<Problem> problems)
    {
        if (!was.InhibitsIpv4 && will.InhibitsIpv4 && Publishing(endpoints, isIpv6: false) is { Length: > 0 } publishing)
        {
            problems.Add(PortsInTheWay("-o inhibit-ipv4", isIpv6: false, publishing));
        }
    }

    private static void CheckFamilies(NetworkSpec before, NetworkSpec after, ImmutableArray<EndpointRecord> endpoints, List<Problem> problems)
    {
        foreach (var isIpv6 in new[] { false, true })
        {
            var isDropped = isIpv6 ? before.Ipv6 && !after.Ipv6 : before.Ipv4 && !after.Ipv4;
            if (isDropped && Publishing(endpoints, isIpv6) is { Length: > 0 } publishing)
            {
                problems.Add(PortsInTheWay(isIpv6 ? "--ipv6" : "--ipv4", isIpv6, publishing));
            }
        }
    }

    // Names of those whose published ports lead to their addresses of a family.
    private static string[] Publishing(ImmutableArray<EndpointRecord> endpoints, bool isIpv6) =>
        [.. endpoints.Where(e => e.Ports.Any(p => SubnetRules.IsIpv6(p.TargetAddress) == isIpv6)).Select(static e => e.Name)];

    private static Problem PortsInTheWay(string field, bool isIpv6, string[] publishing) => new(
        "change.ports",
        field,
        $"endpoints publish ports at their {SubnetRules.FamilyOf(isIpv6)} addresses: {Some(publishing)}",
        "disconnect them first, or take their ports back with netctl update NETWORK SANDBOX --unpublish");

    private static string Some(string[] names) =>
        names.Length <= 5 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(5))} and {names.Length - 5} more";
}

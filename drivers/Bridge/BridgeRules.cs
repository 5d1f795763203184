using System.Net;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>Which options of a bridge network fit each other and the rest of what was asked.</summary>
internal static class BridgeRules
{
    public static void Check(NetworkSpec spec, BridgeOptions options, ICollection<Problem> problems)
    {
        foreach (var isIpv6 in new[] { false, true })
        {
            if (options.ModeOf(isIpv6) == GatewayMode.Isolated && !spec.Internal)
            {
                var family = SubnetRules.FamilyOf(isIpv6);
                problems.Add(new Problem(
                    "option.value",
                    $"-o gateway-mode-{family.ToLowerInvariant()}",
                    $"gateway mode isolated for {family} on a network that is not internal",
                    "add --internal, or choose nat, nat-unprotected or routed"));
            }

            if (options.SourceAddressOf(isIpv6) is { } source)
            {
                CheckSource(spec, options, isIpv6, source, problems);
            }
        }
    }

    private static void CheckSource(NetworkSpec spec, BridgeOptions options, bool isIpv6, IPAddress source, ICollection<Problem> problems)
    {
        var (family, field) = (SubnetRules.FamilyOf(isIpv6), $"-o host-{SubnetRules.FamilyOf(isIpv6).ToLowerInvariant()}");
        if (IPAddress.IsLoopback(source) || source.Equals(IPAddress.Any) || source.Equals(IPAddress.IPv6Any))
        {
            problems.Add(new Problem(
                "option.value", field, $"source address {source} cannot be that of a packet that leaves the host", "give an address of one of the host's interfaces"));
        }

        if (!options.HasMasquerade || options.ModeOf(isIpv6) == GatewayMode.Routed || spec.Internal)
        {
            problems.Add(new Problem(
                "option.conflict",
                field,
                $"{family} packets of this network keep their own source, so source address {source} would never be used",
                "leave it out, or turn masquerading on with gateway mode nat"));
        }
    }
}

using System.Collections.Immutable;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>A rule of the model taken apart for one family: what it matches itself, the sets it looks into, what it does.</summary>
/// <param name="Alternatives">Each a list of matches; the rule applies if one of them does. At least one, which may be empty.</param>
/// <param name="Lookups">The sets, in order.</param>
/// <param name="Targets">What is done, one line each; empty if the last set says it.</param>
/// <param name="Jumps">Chains of the model that it leads to.</param>
internal sealed record IptablesRule(
    ImmutableArray<string> Alternatives, ImmutableArray<IptablesLookup> Lookups, ImmutableArray<string> Targets, ImmutableArray<string> Jumps)
{
    /// <summary>Takes a rule apart; null if no packet of the family can match it.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="isIpv6">The family.</param>
    /// <param name="hasBridgeFilter">
    /// Whether bridged packets pass the firewall on this host. Where they do not, asking for them would turn that on (xt_physdev).
    /// </param>
    /// <exception cref="KernelException">iptables has no form for it.</exception>
    public static IptablesRule? Of(FirewallRule rule, bool isIpv6, bool hasBridgeFilter)
    {
        List<string> alternatives = [string.Empty];
        var lookups = ImmutableArray.CreateBuilder<IptablesLookup>();
        var targets = ImmutableArray.CreateBuilder<string>();
        var jumps = ImmutableArray.CreateBuilder<string>();
        foreach (var expression in rule.Expressions)
        {
            if (FamilyOf(expression) is { } family && family != isIpv6)
            {
                return null;
            }

            if (LookupOf(expression) is { } lookup)
            {
                lookups.Add(lookup);
            }
            else if (TargetOf(expression) is { } target)
            {
                targets.Add(target);
                jumps.AddRange(expression switch { Jump jump => [jump.Chain], Goto jump => [jump.Chain], _ => ImmutableArray<string>.Empty });
            }
            else
            {
                string[] either = [.. MatchesOf(expression, rule, hasBridgeFilter)];
                alternatives = [.. alternatives.SelectMany(a => either.Select(e => e.Length == 0 ? a : a.Length == 0 ? e : $"{a} {e}"))];
            }
        }

        if (lookups.Any(static l => l.Use == IptablesUse.Match) && rule.Expressions.Any(static e => e is Verdict { Kind: FirewallVerdict.Return }))
        {
            throw Unsupported(rule, "a return out of a set's chain would lead back into the rule's own");
        }

        return new IptablesRule([.. alternatives], lookups.ToImmutable(), targets.ToImmutable(), jumps.ToImmutable());
    }

    private static bool? FamilyOf(FirewallExpression expression) => expression switch
    {
        MatchFamily family => family.IsIpv6,
        MatchPrefix prefix => prefix.Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6,
        SourceNat nat => nat.Address.AddressFamily == AddressFamily.InterNetworkV6,
        DestinationNatMap map => map.IsIpv6,
        SourceNatMap map => map.IsIpv6,
        MatchSet set => set.Fields.Select(IptablesMatch.FamilyOf).FirstOrDefault(static f => f is not null),
        _ => null,
    };

    private static IptablesLookup? LookupOf(FirewallExpression expression) => expression switch
    {
        MatchSet { IsNegated: false } set => new IptablesLookup(set.Fields, set.Set, IptablesUse.Match),
        DestinationNatMap map => new IptablesLookup(map.Fields, map.Map, IptablesUse.DestinationNat),
        SourceNatMap map => new IptablesLookup(map.Fields, map.Map, IptablesUse.SourceNat),
        _ => null,
    };

    private static string? TargetOf(FirewallExpression expression) => expression switch
    {
        Verdict { Kind: FirewallVerdict.Accept } => "-j ACCEPT",
        Verdict { Kind: FirewallVerdict.Drop } => "-j DROP",
        Verdict => "-j RETURN",
        Jump jump => $"-j {IptablesChainName.Of(jump.Chain)}",
        Goto jump => $"-g {IptablesChainName.Of(jump.Chain)}",
        Masquerade => "-j MASQUERADE",
        SourceNat nat => $"-j SNAT --to-source {nat.Address}",
        SetMark mark => $"-j MARK --set-xmark 0x{mark.Bits:x}/0x{mark.Bits:x}",
        _ => null,
    };

    private static IEnumerable<string> MatchesOf(FirewallExpression expression, FirewallRule rule, bool hasBridgeFilter)
    {
        switch (expression)
        {
            case MatchFamily or Counter: // judged before; iptables counts anyway
                return [string.Empty];
            case MatchNoInput:
                // The host's own packets, and those that br_netfilter shows while they are bridged.
                return hasBridgeFilter ? ["-m addrtype --src-type LOCAL", "-m physdev --physdev-is-bridged"] : ["-m addrtype --src-type LOCAL"];
            case MatchInterface match:
                return [$"{Not(match.IsNegated)}{IptablesMatch.Of(match.Field, match.Name)}"];
            case MatchEstablished:
                return ["-m conntrack --ctstate RELATED,ESTABLISHED"];
            case MatchTranslated:
                return ["-m conntrack --ctstate DNAT"]; // a state of its own to xt_conntrack: IPS_DST_NAT
            case MatchLocal match:
                return [$"-m addrtype {Not(match.IsNegated)}{(match.IsSource ? "--src-type" : "--dst-type")} LOCAL"];
            case MatchPrefix match:
                return [$"{Not(match.IsNegated)}{IptablesMatch.Of(match.Field, match.Prefix.ToString())}"];
            case MatchProtocol match:
                return [match.Protocol is 6 or 17 or 132
                    ? IptablesMatch.Of(FirewallField.Protocol, match.Protocol switch { 6 => "tcp", 17 => "udp", _ => "sctp" })
                    : $"-p {match.Protocol}"];
            case MatchTcpReset:
                return ["--tcp-flags RST RST"];
            case MatchMark match:
                return [$"-m mark --mark 0x{match.Bits:x}/0x{match.Bits:x}"];
            default:
                throw Unsupported(rule, $"'{expression}' has no form there");
        }
    }

    private static string Not(bool isNegated) => isNegated ? "! " : string.Empty;

    private static KernelException Unsupported(FirewallRule rule, string why) =>
        SystemCalls.Refused(Errno.NotSupported, $"write the rule '{rule.Comment}' for iptables", why);
}

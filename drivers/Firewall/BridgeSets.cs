using System.Collections.Immutable;
using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// The sets and maps by which the node's chains know a bridge: a network puts its bridge's name in, and a rule finds it by
/// one hash lookup however many networks there are.
/// </summary>
public static class BridgeSets
{
    /// <summary>Set of every bridge of ours.</summary>
    public const string Bridges = "bridges";

    /// <summary>Set of input and output bridge, for packets that go back to the bridge they came from.</summary>
    public const string SameBridge = "same_bridge";

    /// <summary>Set of bridges whose endpoints must not talk to each other.</summary>
    public const string NoIcc = "no_icc";

    /// <summary>Set of bridges with no way in or out.</summary>
    public const string Internal = "internal";

    /// <summary>Set of host interface and bridge: what comes from the one may reach published ports behind the other directly.</summary>
    public const string Trusted = "trusted";

    /// <summary>Bridges whose packets of a family leave with the outgoing interface's address.</summary>
    internal static string Masquerade(bool isIpv6) => Name("masquerade", isIpv6);

    /// <summary>Map of bridge to the address with which its packets of a family leave.</summary>
    internal static string SourceAddress(bool isIpv6) => Name("snat", isIpv6);

    /// <summary>Bridges whose sandboxes are reached by their own addresses, at the ports they open.</summary>
    internal static string Routed(bool isIpv6) => Name("routed", isIpv6);

    /// <summary>Bridges whose sandboxes are reached by their own addresses, at every port.</summary>
    internal static string Unprotected(bool isIpv6) => Name("unprotected", isIpv6);

    /// <summary>Bridges whose sandboxes must not reach the host itself by a family.</summary>
    internal static string Isolated(bool isIpv6) => Name("isolated", isIpv6);

    /// <summary>Prefixes of clients that count as near: <see cref="PortExposure.Lan"/>.</summary>
    internal static string Lan(bool isIpv6) => Name("lan", isIpv6);

    /// <summary>All of them, empty but for the prefixes of <see cref="Lan"/>, which are the same on every host.</summary>
    internal static IEnumerable<KernelObject> Desired() =>
    [
        Set(Bridges, FirewallType.InterfaceName),
        Set(SameBridge, FirewallType.InterfaceName, FirewallType.InterfaceName),
        Set(NoIcc, FirewallType.InterfaceName),
        Set(Internal, FirewallType.InterfaceName),
        Set(Trusted, FirewallType.InterfaceName, FirewallType.InterfaceName),
        .. OfFamily(isIpv6: false),
        .. OfFamily(isIpv6: true),
    ];

    /// <summary>A bridge as a member of a set.</summary>
    internal static FirewallElementState Member(string set, string bridge, ScopeId owner) =>
        Element(set, owner, [bridge], [FirewallType.InterfaceName]);

    /// <summary>Two interfaces as a member of a set, the input's first.</summary>
    internal static FirewallElementState Pair(string set, string input, string output, ScopeId owner) =>
        Element(set, owner, [input, output], [FirewallType.InterfaceName, FirewallType.InterfaceName]);

    /// <summary>A bridge with the address its packets leave with.</summary>
    internal static FirewallElementState SourceOf(string bridge, IPAddress address, ScopeId owner)
    {
        var isIpv6 = Prefix.BitsOf(address) == 128;
        return Member(SourceAddress(isIpv6), bridge, owner) with { Value = address.ToString(), ValueTypes = [FirewallTypes.Address(isIpv6)] };
    }

    /// <summary>A set or map of the node's table.</summary>
    internal static FirewallSetState Set(string name, params ImmutableArray<FirewallType> keys) => new()
    {
        Namespace = NetNs.Host,
        Table = Ownership.FirewallTable,
        Name = name,
        KeyTypes = keys,
    };

    /// <summary>An element of the node's table.</summary>
    internal static FirewallElementState Element(
        string set, ScopeId owner, ImmutableArray<string> key, ImmutableArray<FirewallType> types) => new()
        {
            Namespace = NetNs.Host,
            Table = Ownership.FirewallTable,
            Set = set,
            KeyParts = key,
            KeyTypes = types,
            Comment = owner.Value,
        };

    private static IEnumerable<KernelObject> OfFamily(bool isIpv6)
    {
        var address = FirewallTypes.Address(isIpv6);
        yield return Set(Masquerade(isIpv6), FirewallType.InterfaceName);
        yield return Set(SourceAddress(isIpv6), FirewallType.InterfaceName) with { ValueTypes = [address] };
        yield return Set(Routed(isIpv6), FirewallType.InterfaceName);
        yield return Set(Unprotected(isIpv6), FirewallType.InterfaceName);
        yield return Set(Isolated(isIpv6), FirewallType.InterfaceName);
        yield return Set(Lan(isIpv6), address) with { IsInterval = true };
        foreach (var prefix in isIpv6 ? PortExposureRules.LanPrefixes6 : PortExposureRules.LanPrefixes4)
        {
            yield return Element(
                Lan(isIpv6), ScopeId.Node, [$"{prefix.BaseAddress}-{Prefix.LastAddress(prefix)}"], [address]);
        }
    }

    private static string Name(string name, bool isIpv6) => isIpv6 ? $"{name}6" : $"{name}4";
}

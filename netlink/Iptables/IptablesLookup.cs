using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>What becomes of a packet whose fields are in a set.</summary>
internal enum IptablesUse
{
    /// <summary>The rule goes on.</summary>
    Match,

    /// <summary>Its destination becomes what the map holds.</summary>
    DestinationNat,

    /// <summary>Its source becomes what the map holds.</summary>
    SourceNat,
}

/// <summary>A set that a rule looks into: in iptables a chain of its own, with one line an element.</summary>
internal sealed record IptablesLookup(ImmutableArray<FirewallField> Fields, string Set, IptablesUse Use)
{
    /// <summary>The target of an element's line; null if it is the rule's.</summary>
    public string? TargetOf(FirewallElementState element) => Use switch
    {
        IptablesUse.DestinationNat => $"-j DNAT --to-destination {IptablesMatch.Destination(ValueOf(element))}",
        IptablesUse.SourceNat => $"-j SNAT --to-source {ValueOf(element)}",
        _ => null,
    };

    private static string ValueOf(FirewallElementState element) =>
        element.Value ?? throw SystemCalls.Refused(Errno.Invalid, $"write {element.Describe()} for iptables", "it has no value");
}

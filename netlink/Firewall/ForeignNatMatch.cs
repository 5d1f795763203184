using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>What a rule asks of a packet, as far as it concerns the publishing of ports.</summary>
/// <param name="Protocol">IANA protocol number; null for any.</param>
/// <param name="Ports">Destination ports; default for any.</param>
/// <param name="Destination">Destination address or prefix; null for any.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ForeignNatMatch(byte? Protocol, ImmutableArray<PortRange> Ports, IPNetwork? Destination)
{
    /// <summary>What a rule asks for in a chain that a rule with this match jumps to.</summary>
    public ForeignNatMatch Then(ForeignNatMatch next) => new(
        next.Protocol ?? Protocol, next.Ports.IsDefault ? Ports : next.Ports, next.Destination ?? Destination);
}

/// <summary>A rule of a nat or filter chain.</summary>
/// <param name="Chain">The chain it stands in.</param>
/// <param name="Match">What it asks for itself.</param>
/// <param name="Lookup">The set or map that it asks for more; null if none.</param>
/// <param name="Translates">Whether it rewrites the destination.</param>
/// <param name="Drops">Whether it drops or rejects.</param>
/// <param name="Target">The chain it jumps or goes to; null if none.</param>
internal sealed record ForeignNatRule(string Chain, ForeignNatMatch Match, ForeignNatLookup? Lookup, bool Translates, bool Drops, string? Target);

/// <summary>A lookup: which set, and where in its keys a field stands, in bytes; negative where it does not.</summary>
internal sealed record ForeignNatLookup(string Set, int ProtocolAt, int PortAt, int DestinationAt, int DestinationBytes);

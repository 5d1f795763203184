using System.Diagnostics;
using System.Runtime.InteropServices;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Where a field is loaded from: metadata, or bytes of a header.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Meta">The metadata key; null if the field stands in a header.</param>
/// <param name="Base">The header.</param>
/// <param name="Offset">Bytes into the header.</param>
/// <param name="Family">The only family whose packets have the field; 0 if all have.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FirewallFieldPlace(
    int Length, FirewallMetaKey? Meta, FirewallPayloadBase Base = default, int Offset = 0, byte Family = 0)
{
    public static FirewallFieldPlace Of(FirewallField field) => field switch
    {
        FirewallField.InputInterface => new(FirewallWire.InterfaceNameBytes, FirewallMetaKey.InputName),
        FirewallField.OutputInterface => new(FirewallWire.InterfaceNameBytes, FirewallMetaKey.OutputName),
        FirewallField.Protocol => new(1, FirewallMetaKey.Protocol),
        FirewallField.Mark => new(4, FirewallMetaKey.Mark),
        FirewallField.Ipv4Source => new(4, null, FirewallPayloadBase.Network, 12, FirewallWire.FamilyIpv4),
        FirewallField.Ipv4Destination => new(4, null, FirewallPayloadBase.Network, 16, FirewallWire.FamilyIpv4),
        FirewallField.Ipv6Source => new(16, null, FirewallPayloadBase.Network, 8, FirewallWire.FamilyIpv6),
        FirewallField.Ipv6Destination => new(16, null, FirewallPayloadBase.Network, 24, FirewallWire.FamilyIpv6),
        FirewallField.SourcePort => new(2, null, FirewallPayloadBase.Transport, 0),
        FirewallField.DestinationPort => new(2, null, FirewallPayloadBase.Transport, 2),
        _ => throw new UnreachableException(field.ToString()),
    };
}

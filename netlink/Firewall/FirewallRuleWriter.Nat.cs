using System.Collections.Immutable;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <content>
/// Translation. None of it needs a check of the family before it: the kernel passes packets of the other family by.
/// </content>
internal static partial class FirewallRuleWriter
{
    private const uint SourceNatType = 0; // NFT_NAT_SNAT
    private const uint DestinationNatType = 1; // NFT_NAT_DNAT

    private static void PutSourceNat(ref NetlinkWriter writer, SourceNat nat)
    {
        var data = BeginExpression(ref writer, "immediate", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallImmediateAttribute.Destination, FirstRegister);
        var value = writer.BeginNest((ushort)FirewallImmediateAttribute.Data);
        writer.PutAddress((ushort)FirewallDataAttribute.Value, nat.Address);
        writer.EndNest(value);
        EndExpression(ref writer, data, element);
        PutTranslation(ref writer, SourceNatType, nat.Address.AddressFamily == AddressFamily.InterNetworkV6, hasPort: false);
    }

    // What the map holds takes the place of the key in the registers: the address, then, in a register of its own, the port.
    private static string? PutNatMap(
        ref NetlinkWriter writer,
        uint type,
        bool isIpv6,
        ImmutableArray<FirewallField> fields,
        string map,
        bool hasPort,
        ref byte knownFamily)
    {
        var problem = PutLookup(ref writer, fields, map, isNegated: false, FirstRegister, ref knownFamily);
        if (problem is not null)
        {
            return problem;
        }

        if (knownFamily != 0 && knownFamily != (isIpv6 ? FirewallWire.FamilyIpv6 : FirewallWire.FamilyIpv4))
        {
            return TwoFamilies;
        }

        PutTranslation(ref writer, type, isIpv6, hasPort);
        return null;
    }

    private static void PutTranslation(ref NetlinkWriter writer, uint type, bool isIpv6, bool hasPort)
    {
        var data = BeginExpression(ref writer, "nat", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallNatAttribute.Type, type);
        writer.PutUInt32BigEndian(
            (ushort)FirewallNatAttribute.Family, isIpv6 ? FirewallWire.FamilyIpv6 : FirewallWire.FamilyIpv4);
        writer.PutUInt32BigEndian((ushort)FirewallNatAttribute.AddressMinimum, FirstRegister);
        if (hasPort)
        {
            writer.PutUInt32BigEndian((ushort)FirewallNatAttribute.PortMinimum, RegisterOf(isIpv6 ? 4 : 1));
        }

        EndExpression(ref writer, data, element);
    }
}

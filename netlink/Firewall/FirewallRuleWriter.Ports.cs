using System.Buffers.Binary;
using Networking.Kernel;

namespace Networking.Netlink;

/// <content>Steps on transport headers: compare a port or a kind of message, write a port.</content>
internal static partial class FirewallRuleWriter
{
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const uint InternetChecksum = 1; // NFT_PAYLOAD_CSUM_INET
    private const uint TcpChecksumOffset = 16; // struct tcphdr
    private const uint UdpChecksumOffset = 6; // struct udphdr
    private const int TcpFlagsOffset = 13; // struct tcphdr
    private const byte TcpReset = 4; // TCPHDR_RST
    private const byte Unreachable = 3; // ICMP_DEST_UNREACH

    private static string? PutMatchPort(ref NetlinkWriter writer, MatchPort match)
    {
        if (match.Port == 0 || match.Field is not (FirewallField.SourcePort or FirewallField.DestinationPort))
        {
            return $"{match} is not a port";
        }

        Span<byte> port = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, match.Port);
        PutLoad(ref writer, FirewallFieldPlace.Of(match.Field), FirstRegister);
        PutCompare(ref writer, Equal, port);
        return null;
    }

    private static string? PutSetPort(ref NetlinkWriter writer, SetPort set)
    {
        if (set.Port == 0 || set.Protocol is not (Tcp or Udp) || set.Field is not (FirewallField.SourcePort or FirewallField.DestinationPort))
        {
            return $"{set} is not a port of TCP or UDP";
        }

        Span<byte> port = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, set.Port);
        var data = BeginExpression(ref writer, "immediate", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallImmediateAttribute.Destination, FirstRegister);
        PutValue(ref writer, (ushort)FirewallImmediateAttribute.Data, port);
        EndExpression(ref writer, data, element);

        var place = FirewallFieldPlace.Of(set.Field);
        data = BeginExpression(ref writer, "payload", out element);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.Source, FirstRegister);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.Base, (uint)place.Base);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.Offset, (uint)place.Offset);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.Length, (uint)place.Length);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.ChecksumType, InternetChecksum);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.ChecksumOffset, set.Protocol == Tcp ? TcpChecksumOffset : UdpChecksumOffset);
        EndExpression(ref writer, data, element);
        return null;
    }

    private static void PutTcpReset(ref NetlinkWriter writer)
    {
        PutLoad(ref writer, new FirewallFieldPlace(1, null, FirewallPayloadBase.Transport, TcpFlagsOffset), FirstRegister);
        PutBitwise(ref writer, [TcpReset], [0]);
        PutCompare(ref writer, Equal, [TcpReset]);
    }

    private static void PutUnreachable(ref NetlinkWriter writer)
    {
        PutLoad(ref writer, new FirewallFieldPlace(1, null, FirewallPayloadBase.Transport), FirstRegister);
        PutCompare(ref writer, Equal, [Unreachable]);
    }

    // It has no attributes, not even an empty list of them.
    private static void PutNoTrack(ref NetlinkWriter writer)
    {
        var element = writer.BeginNest((ushort)FirewallListAttribute.Element);
        writer.PutString((ushort)FirewallExpressionAttribute.Name, "notrack");
        writer.EndNest(element);
    }
}

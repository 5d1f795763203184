using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Writes the requests of a flush: forget all of these; or tell me of these, and forget this one.</summary>
internal static class ConntrackEncoder
{
    private const ushort NestedFlag = 0x8000; // NLA_F_NESTED
    private const ushort OriginalFlags = 1; // CTA_FILTER_ORIG_FLAGS
    private const uint FilterDestination = 1 << 1; // CTA_FILTER_F_CTA_IP_DST of the kernel's nf_internals.h
    private const uint FilterProtocol = 1 << 3; // CTA_FILTER_F_CTA_PROTO_NUM
    private const uint FilterDestinationPort = 1 << 5; // CTA_FILTER_F_CTA_PROTO_DST_PORT

    /// <summary>
    /// Asks for the connections of a protocol and family, and where the kernel can (CTA_FILTER, 5.8) only for those to the IPv4
    /// address, if there is one, and to the port, if there is but one. An older kernel passes over the filter and tells of
    /// all of the family, so whatever comes is looked at again. IPv6 addresses are never asked for: the kernel's
    /// ctnetlink_filter_match_tuple takes equal ones for different (seen up to 6.18).
    /// </summary>
    public static void Dump(ref NetlinkWriter writer, ConntrackFlushTransition flush)
    {
        var message = writer.BeginMessage(ConntrackMessageType.Get, NetlinkFlags.Request | NetlinkFlags.Dump, 0);
        writer.PutHeader(new NetfilterHeader(FamilyOf(flush), 0));
        PutFilter(ref writer, flush, flush.Ports.Count == 1 ? flush.Ports.First : null);
        writer.EndMessage(message);
    }

    /// <summary>
    /// Deletes all connections of a flush to one of its ports by one request, without being told of them. The kernel passes over
    /// empty buckets of its table, which a dump locks one by one: 0.1 ms instead of 12 for 262,144 buckets. A kernel that
    /// cannot (before CTA_FILTER was taken for deletions) misses the other parts of the tuple, and says EINVAL.
    /// </summary>
    public static void DeleteAll(ref NetlinkWriter writer, ConntrackFlushTransition flush, int port)
    {
        var message = writer.BeginMessage(ConntrackMessageType.Delete, NetlinkFlags.Request | NetlinkFlags.Ack, 0);
        writer.PutHeader(new NetfilterHeader(FamilyOf(flush), 0));
        PutFilter(ref writer, flush, port);
        if (flush.SparesTranslated)
        {
            writer.PutUInt32BigEndian((ushort)ConntrackAttribute.Status, 0);
            writer.PutUInt32BigEndian((ushort)ConntrackAttribute.StatusMask, ConntrackEntry.DestinationNat);
        }

        writer.EndMessage(message);
    }

    /// <summary>
    /// Whether the kernel's filter says all that a flush does. It takes equal IPv6 addresses for different ones, and looks at ports
    /// of TCP and UDP only (ctnetlink_filter_match_tuple, seen up to 6.18).
    /// </summary>
    public static bool IsExact(ConntrackFlushTransition flush) =>
        flush.Protocol is PortProtocol.Tcp or PortProtocol.Udp && (flush.Address is null || !flush.IsIpv6);

    private static void PutFilter(ref NetlinkWriter writer, ConntrackFlushTransition flush, int? port)
    {
        var flags = FilterProtocol;
        var tuple = writer.BeginNest((ushort)ConntrackAttribute.Original);
        if (flush is { Address: { } address, IsIpv6: false })
        {
            flags |= FilterDestination;
            var part = writer.BeginNest((ushort)ConntrackTupleAttribute.Address);
            writer.PutAddress((ushort)ConntrackAddressAttribute.Ipv4Destination, address);
            writer.EndNest(part);
        }

        var protocol = writer.BeginNest((ushort)ConntrackTupleAttribute.Protocol);
        writer.PutByte((ushort)ConntrackProtocolAttribute.Number, (byte)flush.Protocol);
        if (port is { } number)
        {
            flags |= FilterDestinationPort;
            writer.PutUInt16BigEndian((ushort)ConntrackProtocolAttribute.DestinationPort, (ushort)number);
        }

        writer.EndNest(protocol);
        writer.EndNest(tuple);
        var filter = writer.BeginNest((ushort)ConntrackAttribute.Filter);
        writer.PutUInt32(OriginalFlags, flags);
        writer.EndNest(filter);
    }

    /// <summary>Deletes this connection and no later one of the same tuple: the id goes along.</summary>
    public static void Delete(ref NetlinkWriter writer, in ConntrackEntry entry)
    {
        var message = writer.BeginMessage(ConntrackMessageType.Delete, NetlinkFlags.Request | NetlinkFlags.Ack, 0);
        writer.PutHeader(new NetfilterHeader(entry.Family, 0));
        writer.PutBytes((ushort)ConntrackAttribute.Original | NestedFlag, entry.Original);
        if (!entry.Id.IsEmpty)
        {
            writer.PutBytes((ushort)ConntrackAttribute.Id, entry.Id);
        }

        if (!entry.Zone.IsEmpty)
        {
            writer.PutBytes((ushort)ConntrackAttribute.Zone, entry.Zone);
        }

        writer.EndMessage(message);
    }

    public static byte FamilyOf(ConntrackFlushTransition flush) => flush.IsIpv6 ? FirewallWire.FamilyIpv6 : FirewallWire.FamilyIpv4;
}

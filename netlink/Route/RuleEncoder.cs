using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Writes policy routing rule messages.</summary>
internal static class RuleEncoder
{
    private const byte ToTable = 1; // FR_ACT_TO_TBL

    /// <summary>Adds a rule with our mark.</summary>
    public static void Add(ref NetlinkWriter writer, RuleState rule) => Put(
        ref writer, RouteMessageType.NewRule, NetlinkFlags.Request | NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive, rule);

    /// <summary>Deletes a rule of ours.</summary>
    public static void Delete(ref NetlinkWriter writer, RuleState rule) => Put(
        ref writer, RouteMessageType.DeleteRule, NetlinkFlags.Request | NetlinkFlags.Ack, rule);

    /// <summary>Asks for all rules of a family.</summary>
    public static void Dump(ref NetlinkWriter writer, byte family)
    {
        var message = writer.BeginMessage(RouteMessageType.GetRule, NetlinkFlags.Request | NetlinkFlags.Dump, 0);
        writer.PutHeader(new RuleHeader { Family = family });
        writer.EndMessage(message);
    }

    private static void Put(ref NetlinkWriter writer, ushort type, NetlinkFlags flags, RuleState rule)
    {
        var message = writer.BeginMessage(type, flags, 0);
        writer.PutHeader(new RuleHeader
        {
            Family = rule.IsIpv6 ? WireFamily.Inet6 : WireFamily.Inet,
            Table = rule.Table < 256 ? (byte)rule.Table : (byte)0,
            Action = ToTable,
        });
        writer.PutUInt32(RuleAttribute.Priority, (uint)rule.Priority);
        writer.PutUInt32(RuleAttribute.Mark, rule.Mark);
        writer.PutUInt32(RuleAttribute.MarkMask, rule.MarkMask);
        writer.PutUInt32(RuleAttribute.Table, (uint)rule.Table);
        writer.PutByte(RuleAttribute.Protocol, Ownership.RouteProtocol);
        writer.EndMessage(message);
    }
}

using System.Runtime.InteropServices;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>A policy rule as the kernel tells it.</summary>
internal sealed record RuleMessage(bool IsIpv6, int Priority, uint Mark, uint MarkMask, int Table, byte Protocol)
{
    /// <summary>Reads a message.</summary>
    public static RuleMessage Read(ReadOnlySpan<byte> body)
    {
        if (!MemoryMarshal.TryRead<RuleHeader>(body, out var header))
        {
            throw new WireFormatException(0, $"a rule message of {body.Length} bytes");
        }

        var priority = 0;
        uint mark = 0;
        uint mask = 0;
        int table = header.Table;
        byte protocol = 0;
        var reader = new AttributeReader(body[Marshal.SizeOf<RuleHeader>()..]);
        while (reader.MoveNext())
        {
            switch (reader.Type)
            {
                case RuleAttribute.Priority:
                    priority = reader.GetInt32();
                    break;
                case RuleAttribute.Mark:
                    mark = reader.GetUInt32();
                    break;
                case RuleAttribute.MarkMask:
                    mask = reader.GetUInt32();
                    break;
                case RuleAttribute.Table:
                    table = reader.GetInt32();
                    break;
                case RuleAttribute.Protocol:
                    protocol = reader.GetByte();
                    break;
            }
        }

        return new RuleMessage(header.Family == WireFamily.Inet6, priority, mark, mask, table, protocol);
    }

    /// <summary>The rule as an object of a namespace.</summary>
    public RuleState ToState(NetNs ns) =>
        new() { Namespace = ns, IsIpv6 = IsIpv6, Priority = Priority, Mark = Mark, MarkMask = MarkMask, Table = Table };
}

using System.Buffers.Binary;

namespace Networking.Netlink;

/// <summary>
/// A rule in a chain of somebody else, as far as it takes to know ours among them. Ours bears our comment, in the rule's
/// user data as we wrote it, or as a match of iptables once <c>iptables-save | iptables-restore</c> has written it anew.
/// </summary>
/// <param name="Handle">The kernel's number of the rule in its table; never given twice.</param>
/// <param name="Comment">Its comment; null if it has none.</param>
/// <param name="Mark">The bits that it admits if it is of the form we write, whoever wrote it; else 0, which we never write.</param>
internal sealed record FirewallForeignRule(ulong Handle, string? Comment, uint Mark)
{
    /// <summary>Reads one message of a dump of rules.</summary>
    /// <exception cref="WireFormatException">The bytes are not nf_tables'.</exception>
    public static FirewallForeignRule Read(AttributeReader attributes)
    {
        var handle = 0ul;
        string? comment = null;
        var mark = 0u;
        while (attributes.MoveNext())
        {
            switch ((FirewallRuleAttribute)attributes.Type)
            {
                case FirewallRuleAttribute.Handle:
                    handle = attributes.GetUInt64BigEndian();
                    break;
                case FirewallRuleAttribute.UserData:
                    comment ??= FirewallUserData.ReadComment(attributes.Value);
                    break;
                case FirewallRuleAttribute.Expressions:
                    mark = ReadMark(new FirewallExpressionReader(attributes.Nested()), ref comment);
                    break;
                default:
                    break;
            }
        }

        return new FirewallForeignRule(handle, comment, mark);
    }

    // meta mark & X == X, counter, accept; between them comments of iptables. Anything else makes it another rule.
    private static uint ReadMark(FirewallExpressionReader expressions, ref string? comment)
    {
        var (mask, compared) = (0u, 0u);
        var (isAccept, isOther) = (false, false);
        while (expressions.MoveNext())
        {
            if (expressions.Is("meta"u8))
            {
                isOther |= expressions.Number((ushort)FirewallMetaAttribute.Key) != (uint)FirewallMetaKey.Mark;
            }
            else if (expressions.Is("bitwise"u8))
            {
                mask = Number(expressions.Value((ushort)FirewallBitwiseAttribute.Mask));
                isOther |= Number(expressions.Value((ushort)FirewallBitwiseAttribute.Xor)) != 0;
            }
            else if (expressions.Is("cmp"u8))
            {
                compared = Number(expressions.Value((ushort)FirewallCompareAttribute.Data));
                isOther |= expressions.Number((ushort)FirewallCompareAttribute.Operator) != 0; // NFT_CMP_EQ
            }
            else if (expressions.Is("immediate"u8))
            {
                isAccept = expressions.Verdict((ushort)FirewallImmediateAttribute.Data) == "accept";
            }
            else if (expressions.Is("match"u8) && expressions.Text((ushort)FirewallExtensionAttribute.Name) == "comment")
            {
                comment ??= expressions.Text((ushort)FirewallExtensionAttribute.Content); // struct xt_comment_info
            }
            else
            {
                isOther |= !expressions.Is("counter"u8);
            }
        }

        return isAccept && !isOther && mask == compared ? mask : 0;
    }

    private static uint Number(ReadOnlySpan<byte> hostOrder) =>
        hostOrder.Length == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(hostOrder) : 0;
}

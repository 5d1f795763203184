using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>What a rule of somebody else decides, read from its expressions.</summary>
internal static class FirewallVerdictReader
{
    /// <summary>The verdict of a rule as nft writes it; null if it has none, or one of an extension of iptables.</summary>
    public static string? VerdictOf(FirewallExpressionReader expressions)
    {
        string? verdict = null;
        while (expressions.MoveNext())
        {
            if (expressions.Is("immediate"u8))
            {
                verdict = expressions.Verdict((ushort)FirewallImmediateAttribute.Data) ?? verdict;
            }
        }

        return verdict;
    }

    /// <summary>True if the rule asks for nothing and drops or rejects.</summary>
    public static bool DropsEverything(FirewallExpressionReader expressions)
    {
        var drops = false;
        while (expressions.MoveNext())
        {
            if (IsHarmless(expressions))
            {
                continue;
            }

            drops = Rejects(expressions)
                || (expressions.Is("immediate"u8) && expressions.Verdict((ushort)FirewallImmediateAttribute.Data) == "drop");
            if (!drops)
            {
                return false; // it asks for something, or lets pass
            }
        }

        return drops;
    }

    /// <summary>True if the rule accepts whatever had its destination translated, as <c>ct status dnat accept</c> does.</summary>
    public static bool AcceptsTranslated(FirewallExpressionReader expressions)
    {
        const int loaded = 1, masked = 2, compared = 3, accepted = 4;
        const uint notEqual = 1; // NFT_CMP_NEQ
        var step = 0;
        while (expressions.MoveNext())
        {
            if (IsHarmless(expressions))
            {
                continue;
            }

            step = step switch
            {
                0 when expressions.Is("ct"u8) && expressions.Number((ushort)FirewallConntrackAttribute.Key) == FirewallRuleWriter.StatusKey => loaded,
                loaded when expressions.Is("bitwise"u8)
                    && expressions.Value((ushort)FirewallBitwiseAttribute.Mask) is { Length: 4 } mask
                    && MemoryMarshal.Read<uint>(mask) == FirewallRuleWriter.StatusDestinationNat => masked,
                masked when expressions.Is("cmp"u8) && expressions.Number((ushort)FirewallCompareAttribute.Operator) == notEqual => compared,
                compared when expressions.Is("immediate"u8) && expressions.Verdict((ushort)FirewallImmediateAttribute.Data) == "accept" => accepted,
                _ => -1,
            };
            if (step < 0)
            {
                return false;
            }
        }

        return step == accepted;
    }

    /// <summary>True for an expression that rejects, nft's or that of iptables.</summary>
    public static bool Rejects(FirewallExpressionReader expression) => expression.Is("reject"u8)
        || (expression.Is("target"u8) && expression.Text((ushort)FirewallExtensionAttribute.Name) == "REJECT");

    /// <summary>True for an expression that asks for nothing and decides nothing.</summary>
    public static bool IsHarmless(FirewallExpressionReader expression) =>
        expression.Is("counter"u8) || expression.Is("log"u8)
        || (expression.Is("match"u8) && expression.Text((ushort)FirewallExtensionAttribute.Name) == "comment");
}

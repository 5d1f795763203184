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
            var isHarmless = expressions.Is("counter"u8) || expressions.Is("log"u8)
                || (expressions.Is("match"u8) && expressions.Text((ushort)FirewallExtensionAttribute.Name) == "comment");
            if (isHarmless)
            {
                continue;
            }

            drops = expressions.Is("reject"u8)
                || (expressions.Is("immediate"u8) && expressions.Verdict((ushort)FirewallImmediateAttribute.Data) == "drop")
                || (expressions.Is("target"u8) && expressions.Text((ushort)FirewallExtensionAttribute.Name) == "REJECT");
            if (!drops)
            {
                return false; // it asks for something, or lets pass
            }
        }

        return drops;
    }
}

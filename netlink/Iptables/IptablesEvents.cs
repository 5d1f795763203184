using System.Text;

namespace Networking.Netlink;

/// <summary>
/// Which events of nf_tables are about our chains in iptables-nft: those that name one of ours, or one of the kernel's own that
/// ours are reached from, for another tool may have put itself before us there.
/// </summary>
internal static class IptablesEvents
{
    private const ushort TableName = 1; // NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE
    private const ushort RuleChain = 2; // NFTA_RULE_CHAIN
    private const ushort ChainName = 3; // NFTA_CHAIN_NAME

    private static readonly byte[] Prefix = Encoding.ASCII.GetBytes(Kernel.Ownership.IptablesPrefix);

    /// <summary>True if one message of a transaction may have changed what we have in iptables.</summary>
    public static bool Concerns(byte family, FirewallMessageType type, ReadOnlySpan<byte> attributes)
    {
        if (family is not (FirewallWire.FamilyIpv4 or FirewallWire.FamilyIpv6))
        {
            return false;
        }

        var nameAt = type switch
        {
            FirewallMessageType.NewChain or FirewallMessageType.DeleteChain or FirewallMessageType.DestroyChain => ChainName,
            FirewallMessageType.NewRule or FirewallMessageType.DeleteRule or FirewallMessageType.DestroyRule => RuleChain,
            FirewallMessageType.DeleteTable or FirewallMessageType.DestroyTable => TableName,
            _ => (ushort)0,
        };
        var reader = new AttributeReader(attributes);
        var (isOurTable, isOurChain) = (false, nameAt == TableName);
        while (nameAt != 0 && reader.MoveNext())
        {
            if (reader.Type == TableName)
            {
                isOurTable = Name(reader.Value) is "filter" or "nat";
            }
            else if (reader.Type == nameAt)
            {
                isOurChain = reader.Value.StartsWith(Prefix) || Name(reader.Value) is "PREROUTING" or "INPUT" or "FORWARD" or "OUTPUT" or "POSTROUTING";
            }
        }

        return nameAt != 0 && isOurTable && isOurChain;
    }

    private static string Name(ReadOnlySpan<byte> value) => value.Length is 0 or > 64 ? string.Empty : Encoding.ASCII.GetString(value.TrimEnd((byte)0));
}

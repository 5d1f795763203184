namespace Networking.Netlink;

/// <summary>nft_rule_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallRuleAttribute : ushort
{
    Table = 1, // NFTA_RULE_TABLE
    Chain = 2, // NFTA_RULE_CHAIN
    Handle = 3, // NFTA_RULE_HANDLE
    Expressions = 4, // NFTA_RULE_EXPRESSIONS
    UserData = 7, // NFTA_RULE_USERDATA
}

namespace Networking.Netlink;

/// <summary>nft_expr_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallExpressionAttribute : ushort
{
    Name = 1, // NFTA_EXPR_NAME
    Data = 2, // NFTA_EXPR_DATA
}

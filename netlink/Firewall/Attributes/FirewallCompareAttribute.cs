namespace Networking.Netlink;

/// <summary>nft_cmp_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallCompareAttribute : ushort
{
    Source = 1, // NFTA_CMP_SREG
    Operator = 2, // NFTA_CMP_OP
    Data = 3, // NFTA_CMP_DATA
}

namespace Networking.Netlink;

/// <summary>nft_range_attributes of nf_tables.h.</summary>
internal enum FirewallRangeAttribute : ushort
{
    Source = 1, // NFTA_RANGE_SREG
    Operator = 2, // NFTA_RANGE_OP
    From = 3, // NFTA_RANGE_FROM_DATA
    To = 4, // NFTA_RANGE_TO_DATA
}

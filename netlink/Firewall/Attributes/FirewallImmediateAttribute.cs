namespace Networking.Netlink;

/// <summary>nft_immediate_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallImmediateAttribute : ushort
{
    Destination = 1, // NFTA_IMMEDIATE_DREG
    Data = 2, // NFTA_IMMEDIATE_DATA
}

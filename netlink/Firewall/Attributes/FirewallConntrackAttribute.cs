namespace Networking.Netlink;

/// <summary>nft_ct_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallConntrackAttribute : ushort
{
    Destination = 1, // NFTA_CT_DREG
    Key = 2, // NFTA_CT_KEY
}

namespace Networking.Netlink;

/// <summary>nft_set_desc_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallSetDescriptionAttribute : ushort
{
    Concatenation = 2, // NFTA_SET_DESC_CONCAT
}

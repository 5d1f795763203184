namespace Networking.Netlink;

/// <summary>nft_list_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallListAttribute : ushort
{
    Element = 1, // NFTA_LIST_ELEM
}

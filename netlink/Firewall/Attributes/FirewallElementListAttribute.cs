namespace Networking.Netlink;

/// <summary>nft_set_elem_list_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallElementListAttribute : ushort
{
    Table = 1, // NFTA_SET_ELEM_LIST_TABLE
    Set = 2, // NFTA_SET_ELEM_LIST_SET
    Elements = 3, // NFTA_SET_ELEM_LIST_ELEMENTS
}

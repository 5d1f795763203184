namespace Networking.Netlink;

/// <summary>nft_set_elem_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallElementAttribute : ushort
{
    Key = 1, // NFTA_SET_ELEM_KEY
    Data = 2, // NFTA_SET_ELEM_DATA
    Flags = 3, // NFTA_SET_ELEM_FLAGS
    UserData = 6, // NFTA_SET_ELEM_USERDATA
    KeyEnd = 10, // NFTA_SET_ELEM_KEY_END
}

namespace Networking.Netlink;

/// <summary>nft_set_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallSetAttribute : ushort
{
    Table = 1, // NFTA_SET_TABLE
    Name = 2, // NFTA_SET_NAME
    Flags = 3, // NFTA_SET_FLAGS
    KeyType = 4, // NFTA_SET_KEY_TYPE
    KeyLength = 5, // NFTA_SET_KEY_LEN
    DataType = 6, // NFTA_SET_DATA_TYPE
    DataLength = 7, // NFTA_SET_DATA_LEN
    Description = 9, // NFTA_SET_DESC
    Id = 10, // NFTA_SET_ID
    UserData = 13, // NFTA_SET_USERDATA
}

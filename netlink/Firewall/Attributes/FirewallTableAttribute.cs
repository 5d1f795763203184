namespace Networking.Netlink;

/// <summary>nft_table_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallTableAttribute : ushort
{
    Name = 1, // NFTA_TABLE_NAME
    Flags = 2, // NFTA_TABLE_FLAGS
}

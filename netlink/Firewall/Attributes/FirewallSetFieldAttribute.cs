namespace Networking.Netlink;

/// <summary>nft_set_field_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallSetFieldAttribute : ushort
{
    Length = 1, // NFTA_SET_FIELD_LEN
}

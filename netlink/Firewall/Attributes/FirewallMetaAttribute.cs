namespace Networking.Netlink;

/// <summary>nft_meta_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallMetaAttribute : ushort
{
    Destination = 1, // NFTA_META_DREG
    Key = 2, // NFTA_META_KEY
    Source = 3, // NFTA_META_SREG
}

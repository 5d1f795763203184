namespace Networking.Netlink;

/// <summary>nft_meta_keys of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallMetaKey : uint
{
    Mark = 3, // NFT_META_MARK
    InputIndex = 4, // NFT_META_IIF
    OutputIndex = 5, // NFT_META_OIF
    InputName = 6, // NFT_META_IIFNAME
    OutputName = 7, // NFT_META_OIFNAME
    Family = 15, // NFT_META_NFPROTO
    Protocol = 16, // NFT_META_L4PROTO
}

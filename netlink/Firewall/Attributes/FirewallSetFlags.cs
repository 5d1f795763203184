namespace Networking.Netlink;

/// <summary>nft_set_flags of nf_tables.h, as far as they are used here.</summary>
[Flags]
internal enum FirewallSetFlags : uint
{
    None = 0,
    Anonymous = 0x1, // NFT_SET_ANONYMOUS
    Interval = 0x4, // NFT_SET_INTERVAL
    Map = 0x8, // NFT_SET_MAP
    Concatenation = 0x80, // NFT_SET_CONCAT
}

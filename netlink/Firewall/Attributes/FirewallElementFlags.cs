namespace Networking.Netlink;

/// <summary>nft_set_elem_flags of nf_tables.h.</summary>
[Flags]
internal enum FirewallElementFlags : uint
{
    None = 0,
    IntervalEnd = 0x1, // NFT_SET_ELEM_INTERVAL_END
    CatchAll = 0x2, // NFT_SET_ELEM_CATCHALL
}

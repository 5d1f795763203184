namespace Networking.Netlink;

/// <summary>nft_lookup_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallLookupAttribute : ushort
{
    Set = 1, // NFTA_LOOKUP_SET
    Source = 2, // NFTA_LOOKUP_SREG
    Destination = 3, // NFTA_LOOKUP_DREG
    Flags = 5, // NFTA_LOOKUP_FLAGS
}

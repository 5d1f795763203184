namespace Networking.Netlink;

/// <summary>nft_fib_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallFibAttribute : ushort
{
    Destination = 1, // NFTA_FIB_DREG
    Result = 2, // NFTA_FIB_RESULT
    Flags = 3, // NFTA_FIB_FLAGS
}

namespace Networking.Netlink;

/// <summary>nft_verdict_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallVerdictAttribute : ushort
{
    Code = 1, // NFTA_VERDICT_CODE
    Chain = 2, // NFTA_VERDICT_CHAIN
}

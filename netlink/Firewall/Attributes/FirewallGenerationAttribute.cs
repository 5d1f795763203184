namespace Networking.Netlink;

/// <summary>nft_gen_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallGenerationAttribute : ushort
{
    Id = 1, // NFTA_GEN_ID
    ProcessId = 2, // NFTA_GEN_PROC_PID
    ProcessName = 3, // NFTA_GEN_PROC_NAME
}

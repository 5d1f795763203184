namespace Networking.Netlink;

/// <summary>nft_chain_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallChainAttribute : ushort
{
    Table = 1, // NFTA_CHAIN_TABLE
    Name = 3, // NFTA_CHAIN_NAME
    Hook = 4, // NFTA_CHAIN_HOOK
    Policy = 5, // NFTA_CHAIN_POLICY
    Type = 7, // NFTA_CHAIN_TYPE
}

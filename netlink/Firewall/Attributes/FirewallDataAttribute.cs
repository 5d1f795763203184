namespace Networking.Netlink;

/// <summary>nft_data_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallDataAttribute : ushort
{
    Value = 1, // NFTA_DATA_VALUE
    Verdict = 2, // NFTA_DATA_VERDICT
}

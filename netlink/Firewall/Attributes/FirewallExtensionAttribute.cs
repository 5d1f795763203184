namespace Networking.Netlink;

/// <summary>
/// nft_match_attributes and nft_target_attributes of nf_tables.h, which are numbered alike: extensions of iptables inside
/// rules of nf_tables.
/// </summary>
internal enum FirewallExtensionAttribute : ushort
{
    Name = 1, // NFTA_MATCH_NAME, NFTA_TARGET_NAME
    Content = 3, // NFTA_MATCH_INFO, NFTA_TARGET_INFO
}

namespace Networking.Netlink;

/// <summary>nft_verdicts and NF_* of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallVerdictCode : int
{
    Drop = 0, // NF_DROP
    Accept = 1, // NF_ACCEPT
    Continue = -1, // NFT_CONTINUE
    Jump = -3, // NFT_JUMP
    Goto = -4, // NFT_GOTO
    Return = -5, // NFT_RETURN
}

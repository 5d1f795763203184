namespace Networking.Netlink;

/// <summary>nft_hook_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallHookAttribute : ushort
{
    Number = 1, // NFTA_HOOK_HOOKNUM
    Priority = 2, // NFTA_HOOK_PRIORITY
    Device = 3, // NFTA_HOOK_DEV
}

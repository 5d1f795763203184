namespace Networking.Netlink;

/// <summary>nft_payload_bases of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallPayloadBase : uint
{
    Network = 1, // NFT_PAYLOAD_NETWORK_HEADER
    Transport = 2, // NFT_PAYLOAD_TRANSPORT_HEADER
}

namespace Networking.Netlink;

/// <summary>nft_payload_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallPayloadAttribute : ushort
{
    Destination = 1, // NFTA_PAYLOAD_DREG
    Base = 2, // NFTA_PAYLOAD_BASE
    Offset = 3, // NFTA_PAYLOAD_OFFSET
    Length = 4, // NFTA_PAYLOAD_LEN
    Source = 5, // NFTA_PAYLOAD_SREG
    ChecksumType = 6, // NFTA_PAYLOAD_CSUM_TYPE
    ChecksumOffset = 7, // NFTA_PAYLOAD_CSUM_OFFSET
}

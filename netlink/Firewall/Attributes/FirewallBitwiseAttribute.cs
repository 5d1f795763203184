namespace Networking.Netlink;

/// <summary>nft_bitwise_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallBitwiseAttribute : ushort
{
    Source = 1, // NFTA_BITWISE_SREG
    Destination = 2, // NFTA_BITWISE_DREG
    Length = 3, // NFTA_BITWISE_LEN
    Mask = 4, // NFTA_BITWISE_MASK
    Xor = 5, // NFTA_BITWISE_XOR
}

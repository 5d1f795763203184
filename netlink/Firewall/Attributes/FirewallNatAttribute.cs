namespace Networking.Netlink;

/// <summary>nft_nat_attributes of nf_tables.h, as far as they are used here.</summary>
internal enum FirewallNatAttribute : ushort
{
    Type = 1, // NFTA_NAT_TYPE
    Family = 2, // NFTA_NAT_FAMILY
    AddressMinimum = 3, // NFTA_NAT_REG_ADDR_MIN
    PortMinimum = 5, // NFTA_NAT_REG_PROTO_MIN
}

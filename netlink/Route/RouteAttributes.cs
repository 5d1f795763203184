namespace Networking.Netlink;

/// <summary>Attributes of link messages.</summary>
internal static class LinkAttribute
{
    public const ushort HardwareAddress = 1; // IFLA_ADDRESS
    public const ushort Name = 3; // IFLA_IFNAME
    public const ushort Mtu = 4; // IFLA_MTU
    public const ushort Parent = 5; // IFLA_LINK
    public const ushort Master = 10; // IFLA_MASTER
    public const ushort LinkInfo = 18; // IFLA_LINKINFO
    public const ushort Alias = 20; // IFLA_IFALIAS
    public const ushort AddressFamilies = 26; // IFLA_AF_SPEC
    public const ushort Group = 27; // IFLA_GROUP
    public const ushort NamespaceDescriptor = 28; // IFLA_NET_NS_FD
    public const ushort ExtendedMask = 29; // IFLA_EXT_MASK
    public const ushort SendQueues = 31; // IFLA_NUM_TX_QUEUES
    public const ushort ReceiveQueues = 32; // IFLA_NUM_RX_QUEUES
    public const ushort ParentNamespaceId = 37; // IFLA_LINK_NETNSID
}

/// <summary>Attributes inside IFLA_LINKINFO.</summary>
internal static class LinkInfoAttribute
{
    public const ushort Kind = 1; // IFLA_INFO_KIND
    public const ushort Details = 2; // IFLA_INFO_DATA
    public const ushort PortKind = 4; // IFLA_INFO_SLAVE_KIND
    public const ushort PortDetails = 5; // IFLA_INFO_SLAVE_DATA
}

/// <summary>Attributes of the kinds of links, inside IFLA_INFO_DATA or IFLA_INFO_SLAVE_DATA.</summary>
internal static class LinkKindAttribute
{
    public const ushort VethPeer = 1; // VETH_INFO_PEER
    public const ushort PortHairpin = 4; // IFLA_BRPORT_MODE
    public const ushort PortIsolated = 33; // IFLA_BRPORT_ISOLATED
    public const ushort VlanId = 1; // IFLA_VLAN_ID
    public const ushort MacvlanMode = 1; // IFLA_MACVLAN_MODE
    public const ushort VxlanId = 1; // IFLA_VXLAN_ID
    public const ushort VxlanLocal = 4; // IFLA_VXLAN_LOCAL
    public const ushort VxlanLearning = 7; // IFLA_VXLAN_LEARNING
    public const ushort VxlanPort = 15; // IFLA_VXLAN_PORT
    public const ushort VxlanLocal6 = 17; // IFLA_VXLAN_LOCAL6
}

/// <summary>Attributes inside IFLA_AF_SPEC.</summary>
internal static class AddressFamilyAttribute
{
    public const ushort Inet6 = 10; // AF_INET6
    public const ushort Inet6AddressMode = 8; // IFLA_INET6_ADDR_GEN_MODE
}

/// <summary>Attributes of address messages.</summary>
internal static class AddressAttribute
{
    public const ushort Address = 1; // IFA_ADDRESS
    public const ushort Local = 2; // IFA_LOCAL
    public const ushort Broadcast = 4; // IFA_BROADCAST
    public const ushort Protocol = 11; // IFA_PROTO
}

/// <summary>Attributes of route messages.</summary>
internal static class RouteAttribute
{
    public const ushort Destination = 1; // RTA_DST
    public const ushort OutLink = 4; // RTA_OIF
    public const ushort Gateway = 5; // RTA_GATEWAY
    public const ushort Priority = 6; // RTA_PRIORITY
    public const ushort MultiPath = 9; // RTA_MULTIPATH
    public const ushort Table = 15; // RTA_TABLE
}

/// <summary>Attributes of neighbour and forwarding database messages.</summary>
internal static class NeighborAttribute
{
    public const ushort Destination = 1; // NDA_DST
    public const ushort HardwareAddress = 2; // NDA_LLADDR
    public const ushort Protocol = 12; // NDA_PROTOCOL
}

/// <summary>Attributes of policy rule messages.</summary>
internal static class RuleAttribute
{
    public const ushort Priority = 6; // FRA_PRIORITY
    public const ushort Mark = 10; // FRA_FWMARK
    public const ushort Table = 15; // FRA_TABLE
    public const ushort MarkMask = 16; // FRA_FWMASK
    public const ushort Protocol = 21; // FRA_PROTOCOL
}

/// <summary>Attributes of namespace id messages.</summary>
internal static class NamespaceIdAttribute
{
    public const ushort Id = 1; // NETNSA_NSID
    public const ushort Descriptor = 3; // NETNSA_FD
}

namespace Networking.Netlink;

/// <summary>ctattr_type of nfnetlink_conntrack.h, as far as they are used here.</summary>
internal enum ConntrackAttribute : ushort
{
    Original = 1, // CTA_TUPLE_ORIG
    Status = 3, // CTA_STATUS
    Id = 12, // CTA_ID
    Zone = 18, // CTA_ZONE
    Filter = 25, // CTA_FILTER
    StatusMask = 26, // CTA_STATUS_MASK
}

/// <summary>ctattr_tuple of nfnetlink_conntrack.h, as far as they are used here.</summary>
internal enum ConntrackTupleAttribute : ushort
{
    Address = 1, // CTA_TUPLE_IP
    Protocol = 2, // CTA_TUPLE_PROTO
}

/// <summary>ctattr_ip of nfnetlink_conntrack.h, as far as they are used here.</summary>
internal enum ConntrackAddressAttribute : ushort
{
    Ipv4Destination = 2, // CTA_IP_V4_DST
    Ipv6Destination = 4, // CTA_IP_V6_DST
}

/// <summary>ctattr_l4proto of nfnetlink_conntrack.h, as far as they are used here.</summary>
internal enum ConntrackProtocolAttribute : ushort
{
    Number = 1, // CTA_PROTO_NUM
    DestinationPort = 3, // CTA_PROTO_DST_PORT
}

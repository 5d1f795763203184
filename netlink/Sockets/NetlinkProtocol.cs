namespace Networking.Netlink;

/// <summary>The netlink families this daemon speaks (linux/netlink.h).</summary>
public enum NetlinkProtocol
{
    /// <summary>Links, addresses, routes, neighbours, rules.</summary>
    Route = 0, // NETLINK_ROUTE

    /// <summary>The sockets of a namespace.</summary>
    SocketDiagnosis = 4, // NETLINK_SOCK_DIAG

    /// <summary>IPsec states and policies.</summary>
    Xfrm = 6, // NETLINK_XFRM

    /// <summary>nf_tables and conntrack.</summary>
    Netfilter = 12, // NETLINK_NETFILTER

    /// <summary>Families by name, such as IPVS.</summary>
    Generic = 16, // NETLINK_GENERIC
}

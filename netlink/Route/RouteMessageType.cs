namespace Networking.Netlink;

/// <summary>Message types of NETLINK_ROUTE (linux/rtnetlink.h).</summary>
internal static class RouteMessageType
{
    public const ushort NewLink = 16; // RTM_NEWLINK
    public const ushort DeleteLink = 17; // RTM_DELLINK
    public const ushort GetLink = 18; // RTM_GETLINK
    public const ushort SetLink = 19; // RTM_SETLINK
    public const ushort NewAddress = 20; // RTM_NEWADDR
    public const ushort DeleteAddress = 21; // RTM_DELADDR
    public const ushort GetAddress = 22; // RTM_GETADDR
    public const ushort NewRoute = 24; // RTM_NEWROUTE
    public const ushort DeleteRoute = 25; // RTM_DELROUTE
    public const ushort GetRoute = 26; // RTM_GETROUTE
    public const ushort NewNeighbor = 28; // RTM_NEWNEIGH
    public const ushort DeleteNeighbor = 29; // RTM_DELNEIGH
    public const ushort GetNeighbor = 30; // RTM_GETNEIGH
    public const ushort NewRule = 32; // RTM_NEWRULE
    public const ushort DeleteRule = 33; // RTM_DELRULE
    public const ushort GetRule = 34; // RTM_GETRULE
    public const ushort NewNamespaceId = 88; // RTM_NEWNSID
    public const ushort DeleteNamespaceId = 89; // RTM_DELNSID
    public const ushort GetNamespaceId = 90; // RTM_GETNSID
}

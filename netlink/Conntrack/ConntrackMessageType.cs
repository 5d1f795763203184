namespace Networking.Netlink;

/// <summary>
/// Message types of connection tracking over <see cref="NetlinkProtocol.Netfilter"/> (nfnetlink_conntrack.h), subsystem
/// in the high byte.
/// </summary>
internal static class ConntrackMessageType
{
    private const ushort Subsystem = 1 << 8; // NFNL_SUBSYS_CTNETLINK

    public const ushort Get = Subsystem | 1; // IPCTNL_MSG_CT_GET
    public const ushort Delete = Subsystem | 2; // IPCTNL_MSG_CT_DELETE
}

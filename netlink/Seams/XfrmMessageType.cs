namespace Networking.Netlink;

/// <summary>
/// Message types of IPsec over <see cref="NetlinkProtocol.Xfrm"/> (linux/xfrm.h). The codec comes with encrypted
/// networks.
/// </summary>
internal static class XfrmMessageType
{
    public const ushort NewState = 16; // XFRM_MSG_NEWSA
    public const ushort DeleteState = 17; // XFRM_MSG_DELSA
    public const ushort GetState = 18; // XFRM_MSG_GETSA
    public const ushort NewPolicy = 19; // XFRM_MSG_NEWPOLICY
    public const ushort DeletePolicy = 20; // XFRM_MSG_DELPOLICY
    public const ushort GetPolicy = 21; // XFRM_MSG_GETPOLICY
    public const ushort UpdatePolicy = 25; // XFRM_MSG_UPDPOLICY
    public const ushort UpdateState = 26; // XFRM_MSG_UPDSA
}

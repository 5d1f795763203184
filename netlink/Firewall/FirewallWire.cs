namespace Networking.Netlink;

/// <summary>Numbers of nfnetlink and nf_tables that belong to no enumeration.</summary>
internal static class FirewallWire
{
    public const byte FamilyUnspecified = 0; // AF_UNSPEC
    public const byte FamilyInet = 1; // NFPROTO_INET
    public const byte FamilyIpv4 = 2; // NFPROTO_IPV4
    public const byte FamilyIpv6 = 10; // NFPROTO_IPV6

    public const byte Subsystem = 10; // NFNL_SUBSYS_NFTABLES
    public const ushort BatchBegin = 0x10; // NFNL_MSG_BATCH_BEGIN
    public const ushort BatchEnd = 0x11; // NFNL_MSG_BATCH_END

    public const ushort MessageError = 2; // NLMSG_ERROR
    public const ushort MessageDone = 3; // NLMSG_DONE
    public const ushort MessageOverrun = 4; // NLMSG_OVERRUN

    public const uint VerdictType = 0xffffff00; // NFT_DATA_VERDICT
    public const int TypeBits = 6; // nft's concat_subtype_add: six bits of the key type for each part
    public const int NestBytesMax = ushort.MaxValue;
    public const int MessageHeaderBytes = 16; // struct nlmsghdr
    public const int InterfaceNameBytes = 16; // IFNAMSIZ

    public static ushort TypeOf(FirewallMessageType type) => (ushort)((Subsystem << 8) | (byte)type);

    /// <summary>The number of a family as nft writes it; null if it is none that forwards packets of IP.</summary>
    public static byte? FamilyOf(string name) => name switch
    {
        "ip" => FamilyIpv4,
        "ip6" => FamilyIpv6,
        "inet" => FamilyInet,
        _ => null,
    };
}

namespace Networking.Netlink;

/// <summary>IP protocol numbers by the names nft prints; every other number is printed as a number.</summary>
internal static class FirewallProtocolText
{
    public static bool TryRead(ReadOnlySpan<char> text, out byte number)
    {
        number = text switch
        {
            "icmp" => 1,
            "igmp" => 2,
            "tcp" => 6,
            "udp" => 17,
            "gre" => 47,
            "esp" => 50,
            "ah" => 51,
            "ipv6-icmp" => 58,
            "sctp" => 132,
            "udplite" => 136,
            _ => 0,
        };
        if (number != 0)
        {
            return true;
        }

        // A number that has a name is refused: the same key would have two spellings.
        var isRead = FirewallNumberText.TryReadDecimal(text, byte.MaxValue, out var value) && NameOf((byte)value) is null;
        number = (byte)value;
        return isRead;
    }

    public static string Read(byte number) => NameOf(number) ?? number.ToString();

    private static string? NameOf(byte number) => number switch
    {
        1 => "icmp",
        2 => "igmp",
        6 => "tcp",
        17 => "udp",
        47 => "gre",
        50 => "esp",
        51 => "ah",
        58 => "ipv6-icmp",
        132 => "sctp",
        136 => "udplite",
        _ => null,
    };
}

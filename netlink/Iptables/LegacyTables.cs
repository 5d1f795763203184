using System.Text;

namespace Networking.Netlink;

/// <summary>
/// The tables of iptables-legacy, which nf_tables does not show, asked about by the socket options of iptables itself
/// (linux/netfilter_ipv4/ip_tables.h). Asking for a table would make it, so it is asked for only where
/// /proc/net/ip_tables_names has it already.
/// </summary>
internal static unsafe class LegacyTables
{
    /// <summary>Size of struct ipt_getinfo and struct ip6t_getinfo.</summary>
    public const int InfoBytes = 84;

    /// <summary>XT_TABLE_MAXNAMELEN.</summary>
    public const int NameBytes = 32;

    /// <summary>IPT_SO_GET_INFO, IP6T_SO_GET_INFO.</summary>
    public const int GetInfo = 64;

    /// <summary>IPT_SO_GET_ENTRIES, IP6T_SO_GET_ENTRIES.</summary>
    public const int GetEntries = 65;

    /// <summary>Those that chains of ours may be in.</summary>
    public static IReadOnlyList<IptablesPlace> All => IptablesPlace.All;

    /// <summary>True if the calling thread's namespace has the table already.</summary>
    public static bool IsThere(bool isIpv6, string table)
    {
        try
        {
            return File.ReadLines(isIpv6 ? "/proc/thread-self/net/ip6_tables_names" : "/proc/thread-self/net/ip_tables_names").Contains(table);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // a kernel without legacy tables has no such file
        }
    }

    /// <summary>Number and places of a table's rules, as text that differs when they do; empty if it is not there.</summary>
    public static string SizeOf(bool isIpv6, string table)
    {
        Span<byte> info = stackalloc byte[InfoBytes];
        info.Clear();
        WriteName(table, info);
        return IsThere(isIpv6, table) && TryGet(isIpv6, GetInfo, info) ? Convert.ToHexString(info) : string.Empty;
    }

    /// <summary>Writes a table's name at the head of a request.</summary>
    public static void WriteName(string table, Span<byte> destination) => _ = Encoding.ASCII.GetBytes(table, destination);

    /// <summary>Asks the kernel in the calling thread's namespace; false if it refused.</summary>
    public static bool TryGet(bool isIpv6, int option, Span<byte> buffer)
    {
        const int rawSocket = 3; // SOCK_RAW
        const int rawProtocol = 255; // IPPROTO_RAW
        var (domain, level) = isIpv6 ? (10, 41) : (2, 0); // AF_INET6 and SOL_IPV6, AF_INET and SOL_IP
        var fd = SystemCalls.TrySocket(domain, rawSocket, rawProtocol);
        if (fd < 0)
        {
            return false;
        }

        using var socket = new FileDescriptor(fd);
        var length = (uint)buffer.Length;
        fixed (byte* start = buffer)
        {
            return Libc.getsockopt(socket.Number, level, option, start, &length) == 0;
        }
    }
}

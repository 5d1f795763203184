using System.Buffers.Binary;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// The filter table of iptables-legacy, which nf_tables does not show, read by the socket options of iptables itself
/// (linux/netfilter_ipv4/ip_tables.h). Asking for a table would make it, so it is asked for only where
/// /proc/net/ip_tables_names has it already.
/// </summary>
internal static unsafe class LegacyFilter
{
    private const string Filter = "filter";
    private const int NameBytes = 32; // XT_TABLE_MAXNAMELEN
    private const int InfoBytes = 84; // struct ipt_getinfo, struct ip6t_getinfo
    private const int HookInput = 1; // NF_INET_LOCAL_IN
    private const int HookForward = 2; // NF_INET_FORWARD
    private const int UnderflowsAt = NameBytes + 4 + (5 * 4);
    private const int SizeAt = UnderflowsAt + (5 * 4) + 4;
    private const int EntriesHeaderBytes = 40; // struct ipt_get_entries before its flexible part
    private const int TargetHeaderBytes = 32; // struct xt_entry_target
    private const int GetInfo = 64; // IPT_SO_GET_INFO, IP6T_SO_GET_INFO
    private const int GetEntries = 65; // IPT_SO_GET_ENTRIES, IP6T_SO_GET_ENTRIES
    private const int DropVerdict = -1; // -NF_DROP - 1, as a standard target has it
    private const int EntriesBytesMax = 16 << 20; // a ruleset of some hundred thousand rules; a larger one is not looked at

    /// <summary>The forward chains of legacy filter tables in the calling thread's namespace whose policy is to drop.</summary>
    public static IEnumerable<ForeignDrop> ReadForwardDrops() => ReadDrops(HookForward);

    /// <summary>The same of their input chains.</summary>
    public static IEnumerable<ForeignDrop> ReadInputDrops() => ReadDrops(HookInput);

    private static IEnumerable<ForeignDrop> ReadDrops(int hook)
    {
        foreach (var isIpv6 in (bool[])[false, true])
        {
            if (IsThere(isIpv6 ? "/proc/thread-self/net/ip6_tables_names" : "/proc/thread-self/net/ip_tables_names") && Drops(isIpv6, hook))
            {
                yield return new ForeignDrop(
                    isIpv6 ? "ip6" : "ip", Filter, hook == HookInput ? "INPUT" : "FORWARD", null, ForeignRemedies.ForLegacy(isIpv6, hook == HookInput))
                {
                    IsLegacy = true,
                };
            }
        }
    }

    private static bool IsThere(string path)
    {
        try
        {
            return File.ReadLines(path).Contains(Filter);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // a kernel without legacy tables has no such file
        }
    }

    private static bool Drops(bool isIpv6, int hook)
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
        Span<byte> info = stackalloc byte[InfoBytes];
        info.Clear();
        WriteName(info);
        if (!TryGet(socket, level, GetInfo, info))
        {
            return false;
        }

        var size = BinaryPrimitives.ReadUInt32LittleEndian(info[SizeAt..]);
        var policyAt = BinaryPrimitives.ReadUInt32LittleEndian(info[(UnderflowsAt + (4 * hook))..]);
        if (size > EntriesBytesMax || policyAt >= size)
        {
            return false;
        }

        var entries = new byte[EntriesHeaderBytes + size];
        WriteName(entries);
        BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(NameBytes), size);
        return TryGet(socket, level, GetEntries, entries) && IsDrop(entries.AsSpan(EntriesHeaderBytes)[(int)policyAt..], isIpv6);
    }

    // The last entry of a base chain is its policy: a standard target behind struct ipt_entry or ip6t_entry.
    private static bool IsDrop(ReadOnlySpan<byte> entry, bool isIpv6)
    {
        var targetOffsetAt = (isIpv6 ? 136 : 84) + 4; // behind struct ip6t_ip6 or ipt_ip, and nfcache
        if (entry.Length < targetOffsetAt + 2)
        {
            return false;
        }

        var verdictAt = BinaryPrimitives.ReadUInt16LittleEndian(entry[targetOffsetAt..]) + TargetHeaderBytes;
        return entry.Length >= verdictAt + 4 && BinaryPrimitives.ReadInt32LittleEndian(entry[verdictAt..]) == DropVerdict;
    }

    private static void WriteName(Span<byte> destination) => _ = System.Text.Encoding.ASCII.GetBytes(Filter, destination);

    private static bool TryGet(FileDescriptor socket, int level, int option, Span<byte> buffer)
    {
        var length = (uint)buffer.Length;
        fixed (byte* start = buffer)
        {
            return Libc.getsockopt(socket.Number, level, option, start, &length) == 0;
        }
    }
}

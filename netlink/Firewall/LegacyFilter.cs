using System.Buffers.Binary;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>The forward chains of iptables-legacy, whose tables nf_tables does not show.</summary>
internal static class LegacyFilter
{
    private const string Filter = IptablesPlace.Filter;
    private const int HookInput = 1; // NF_INET_LOCAL_IN
    private const int HookForward = 2; // NF_INET_FORWARD
    private const int UnderflowsAt = LegacyTables.NameBytes + 4 + (5 * 4);
    private const int SizeAt = UnderflowsAt + (5 * 4) + 4;
    private const int EntriesHeaderBytes = 40; // struct ipt_get_entries before its flexible part
    private const int TargetHeaderBytes = 32; // struct xt_entry_target
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
            if (LegacyTables.IsThere(isIpv6, Filter) && Drops(isIpv6, hook))
            {
                yield return new ForeignDrop(
                    isIpv6 ? "ip6" : "ip", Filter, hook == HookInput ? "INPUT" : "FORWARD", null, ForeignRemedies.ForLegacy(isIpv6, hook == HookInput))
                {
                    IsLegacy = true,
                };
            }
        }
    }

    private static bool Drops(bool isIpv6, int hook)
    {
        Span<byte> info = stackalloc byte[LegacyTables.InfoBytes];
        info.Clear();
        LegacyTables.WriteName(Filter, info);
        if (!LegacyTables.TryGet(isIpv6, LegacyTables.GetInfo, info))
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
        LegacyTables.WriteName(Filter, entries);
        BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(LegacyTables.NameBytes), size);
        return LegacyTables.TryGet(isIpv6, LegacyTables.GetEntries, entries) && IsDrop(entries.AsSpan(EntriesHeaderBytes)[(int)policyAt..], isIpv6);
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
}

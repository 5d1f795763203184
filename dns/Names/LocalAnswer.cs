using System.Collections.Immutable;

namespace Networking.Dns;

/// <summary>Writes what the names of a sandbox say. A name that is there answers every type: with records, or with none.</summary>
public static class LocalAnswer
{
    /// <summary>How long a local answer holds, in seconds: a name must not outlive its endpoint in somebody's cache.</summary>
    public const uint TtlSeconds = 3;

    private const int TargetsMax = 2048; // more do not fit a message of TCP either

    /// <summary>Writes the answer.</summary>
    /// <param name="query">The question.</param>
    /// <param name="verdict">Anything but unknown.</param>
    /// <param name="reply">As long as the answer may get; at least 512 bytes.</param>
    /// <param name="turn">Which of several begins; the next answer takes the next.</param>
    /// <returns>Length of the answer in bytes.</returns>
    public static int Write(in DnsQuery query, NameVerdict verdict, Span<byte> reply, uint turn)
    {
        var writer = Reply.Begin(query, reply);
        var code = ResponseCode.NoError;
        if (verdict.Targets is not { } targets)
        {
            code = ResponseCode.NameError;
        }
        else if (verdict.IsReverse)
        {
            PutReverse(ref writer, query, targets[0]);
        }
        else if (verdict.IsService)
        {
            code = PutServices(ref writer, query, targets, turn) ? ResponseCode.NoError : ResponseCode.NameError;
        }
        else
        {
            PutAddresses(ref writer, query, targets, turn);
        }

        return Reply.End(ref writer, query, code, DnsHeader.Authoritative);
    }

    private static void PutReverse(ref DnsWriter writer, in DnsQuery query, NameTarget target)
    {
        if (Wants(query, RecordType.Ptr))
        {
            var record = writer.BeginRecord(RecordSection.Answer, query.Name, RecordType.Ptr, TtlSeconds);
            writer.PutName(target.FullName.AsSpan());
            _ = writer.EndRecord(record);
        }
    }

    private static void PutAddresses(ref DnsWriter writer, in DnsQuery query, ImmutableSortedSet<NameTarget> targets, uint turn)
    {
        var count = Math.Min(targets.Count, TargetsMax);
        for (var i = 0; i < count && !writer.IsFull; i++)
        {
            PutAddresses(ref writer, RecordSection.Answer, query.Name, targets[Turned(turn, i, targets.Count)], query.Type);
        }
    }

    // False if none serves on such a port.
    private static bool PutServices(ref DnsWriter writer, in DnsQuery query, ImmutableSortedSet<NameTarget> targets, uint turn)
    {
        Span<char> port = stackalloc char[NameWire.LabelBytesMax];
        Span<char> protocol = stackalloc char[NameWire.LabelBytesMax];
        var portLength = LabelText(query.Name, 0, port);
        var protocolLength = LabelText(query.Name, query.Name[0] + 1, protocol);
        var count = Math.Min(targets.Count, TargetsMax);
        var (isThere, isAsked) = (false, Wants(query, RecordType.Srv));
        for (var i = 0; i < count && !writer.IsFull; i++)
        {
            var target = targets[Turned(turn, i, targets.Count)];
            foreach (var served in target.Ports)
            {
                if (served.Find(port[..portLength], protocol[..protocolLength]) is not (var number and > 0) || target.FullName.IsEmpty)
                {
                    continue;
                }

                isThere = true;
                if (isAsked)
                {
                    var record = writer.BeginRecord(RecordSection.Answer, query.Name, RecordType.Srv, TtlSeconds);
                    writer.PutService(priority: 0, weight: 0, number, target.FullName.AsSpan());
                    _ = writer.EndRecord(record);
                }
            }
        }

        for (var i = 0; isThere && isAsked && i < count && !writer.IsFull; i++)
        {
            var target = targets[Turned(turn, i, targets.Count)];
            if (IsServing(target, port[..portLength], protocol[..protocolLength]))
            {
                PutAddresses(ref writer, RecordSection.Additional, target.FullName.AsSpan(), target, RecordType.Any);
            }
        }

        return isThere;
    }

    private static bool IsServing(NameTarget target, ReadOnlySpan<char> port, ReadOnlySpan<char> protocol)
    {
        foreach (var served in target.Ports)
        {
            if (served.Find(port, protocol) > 0)
            {
                return !target.FullName.IsEmpty;
            }
        }

        return false;
    }

    private static void PutAddresses(ref DnsWriter writer, RecordSection section, scoped ReadOnlySpan<byte> name, NameTarget target, RecordType asked)
    {
        if (target.Ipv4 is { } ipv4 && asked is (RecordType.A or RecordType.Any))
        {
            var record = writer.BeginRecord(section, name, RecordType.A, TtlSeconds);
            writer.PutAddress(ipv4);
            _ = writer.EndRecord(record);
        }

        if (target.Ipv6 is { } ipv6 && asked is (RecordType.Aaaa or RecordType.Any))
        {
            var record = writer.BeginRecord(section, name, RecordType.Aaaa, TtlSeconds);
            writer.PutAddress(ipv6);
            _ = writer.EndRecord(record);
        }
    }

    // The remainder first, so that nothing is left out where the turn begins anew.
    private static int Turned(uint turn, int index, int count) => ((int)(turn % (uint)count) + index) % count;

    private static bool Wants(in DnsQuery query, RecordType type) => query.Type == type || query.Type == RecordType.Any;

    // The label at an offset without its underscore, in lower case.
    private static int LabelText(ReadOnlySpan<byte> name, int at, Span<char> text)
    {
        var label = name.Slice(at + 2, name[at] - 1);
        for (var i = 0; i < label.Length; i++)
        {
            text[i] = char.ToLowerInvariant((char)label[i]);
        }

        return label.Length;
    }
}

using Networking.Dns;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Turns a name and a type as typed into a question.</summary>
internal static class DnsQuestionReader
{
    private static readonly (string Text, RecordType Type)[] Types =
    [
        ("A", RecordType.A), ("AAAA", RecordType.Aaaa), ("ANY", RecordType.Any), ("CNAME", RecordType.Cname), ("HTTPS", RecordType.Https), ("MX", RecordType.Mx),
        ("NS", RecordType.Ns), ("PTR", RecordType.Ptr), ("SOA", RecordType.Soa), ("SRV", RecordType.Srv), ("TXT", RecordType.Txt),
    ];

    /// <summary>The text of a type.</summary>
    public static string TextOf(RecordType type) =>
        Array.Find(Types, t => t.Type == type).Text ?? $"TYPE{(ushort)type}";

    /// <summary>The message; an address as name asks who it is.</summary>
    public static byte[] Read(string name, string type, List<Problem> problems)
    {
        var known = Array.Find(Types, t => t.Text.Equals(type, StringComparison.OrdinalIgnoreCase));
        if (known.Text is null)
        {
            problems.Add(new Problem("dns.type", "--type", $"'{type}' is no type of record that can be asked for", $"choose one of {string.Join(", ", Types.Select(static t => t.Text))}"));
        }

        Span<byte> wire = stackalloc byte[NameWire.BytesMax];
        var length = NameText.TryWrite(name, wire);
        if (length == 0)
        {
            problems.Add(new Problem("dns.name", "NAME", $"'{name}' is no name", "labels of 1 to 63 letters joined by dots, 253 in all"));
        }

        var message = new byte[512];
        var writer = new DnsWriter(message);
        writer.PutQuestion(wire[..length], known.Type);
        return message[..writer.Finish(id: 0, DnsHeader.RecursionDesired, ResponseCode.NoError)];
    }
}

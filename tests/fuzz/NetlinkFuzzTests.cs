using Networking.Model;
using Networking.Netlink;
using Networking.Netlink.Tests;

namespace Networking.Fuzz.Tests;

/// <summary>What the kernel says, by mistake or by somebody else's: a value or <see cref="WireFormatException"/>.</summary>
public sealed class NetlinkFuzzTests
{
    private const long BytesMax = 256 * 1024;

    private static readonly Action<byte[]>[] s_decoders =
    [
        static b => LinkMessage.Read(b),
        static b => LinkIdentity.Read(b),
        static b => AddressMessage.Read(b),
        static b => RouteMessage.Read(b),
        static b => NeighborMessage.Read(b),
        static b => RuleMessage.Read(b),
        static b => NamespaceIdEncoder.Read(b),
        static b => ConntrackEntry.Read(b),
        static b => NetlinkSocket.ReadAck(b),
        static b => HostSocket.Read(b),
        static b => FirewallObjectReader.ReadTable(new AttributeReader(b)),
        static b => FirewallObjectReader.ReadChain(NetNs.Host, new AttributeReader(b)),
        static b => FirewallObjectReader.ReadRule(new AttributeReader(b)),
        static b => FirewallObjectReader.ReadSet(NetNs.Host, new AttributeReader(b)),
        static b => FirewallForeignRule.Read(new AttributeReader(b)),
        static b => ForeignNatReader.Read(new AttributeReader(b)),
        static b => FirewallEvent.Read(b, []),
        static b => Walk(new AttributeReader(b), 0),
    ];

    private static readonly byte[][] s_bodies =
    [
        .. Capture.Dumps.SelectMany(Capture.Dump).Concat(Capture.Requests.Select(Capture.Request)).Select(static m => m[16..]),
        .. Golden.Names().Select(Golden.Read).SelectMany(Attributes),
        .. Golden.Names().Select(Golden.Read),
    ];

    public static TheoryData<int> Seeds() => FuzzRun.Seeds(1, 20_26);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mutated_messages_of_the_kernel_never_break_a_decoder(int seed) =>
        _ = FuzzRun.Each(seed, 60_000, BytesMax, static r => [(byte)r.Next(s_decoders.Length), .. FuzzRun.Wrong(r, s_bodies[r.Next(s_bodies.Length)])], Read, typeof(WireFormatException));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_bytes_never_break_a_decoder(int seed) =>
        _ = FuzzRun.Each(seed, 40_000, BytesMax, static r => [(byte)r.Next(s_decoders.Length), .. FuzzRun.Noise(r, 200)], Read, typeof(WireFormatException));

    // The first byte says which decoder reads the rest.
    private static bool Read(byte[] bytes)
    {
        s_decoders[bytes[0]](bytes[1..]);
        return true;
    }

    // The attributes of each message of a batch, behind the headers of netlink and netfilter.
    private static IEnumerable<byte[]> Attributes(byte[] batch)
    {
        const int headers = 20;
        for (var at = 0; at + headers <= batch.Length; at += (BitConverter.ToInt32(batch, at) + 3) & ~3)
        {
            yield return batch[(at + headers)..(at + BitConverter.ToInt32(batch, at))];
        }
    }

    private static void Walk(AttributeReader reader, int depth)
    {
        while (reader.MoveNext())
        {
            if (depth < 8 && reader.Value.Length > 4)
            {
                Walk(reader.Nested(), depth + 1);
            }

            _ = reader.GetString();
        }
    }
}

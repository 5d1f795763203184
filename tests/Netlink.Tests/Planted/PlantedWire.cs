using System.Buffers.Binary;

namespace Networking.Netlink.Tests.Planted;

/// <summary>
/// Stands between the encoders and whoever takes their bytes, in tests alone: what goes through comes out as an encoder with a fault
/// would have written it. Faults are of this thread, and there is none unless <see cref="Plant"/> was called.
/// </summary>
internal static class PlantedWire
{
    private const int HeaderBytes = 16; // struct nlmsghdr
    private const int Ack = 0x4; // NLM_F_ACK
    private const int Exclusive = 0x200; // NLM_F_EXCL
    private static readonly ushort[] s_ports = [53, 80, 4790, 5300, 8080, 61053]; // those of the goldens

    [ThreadStatic]
    private static WirePlant t_plant;

    /// <summary>Plants a fault until the result is disposed.</summary>
    public static IDisposable Plant(WirePlant plant)
    {
        t_plant = plant;
        return new Weeding();
    }

    /// <summary>Messages of rtnetlink as the fault has them.</summary>
    public static byte[] Route(ReadOnlySpan<byte> messages) => Through(messages, static type => type switch { < 20 => 16, < 24 => 8, _ => 12 });

    /// <summary>Messages of nf_tables as the fault has them.</summary>
    public static byte[] Firewall(ReadOnlySpan<byte> messages) => Through(messages, static _ => 4);

    private static byte[] Through(ReadOnlySpan<byte> messages, Func<int, int> familyBytes)
    {
        var bytes = messages.ToArray();
        if (t_plant == WirePlant.None)
        {
            return bytes;
        }

        for (var rest = bytes.AsSpan(); rest.Length >= HeaderBytes;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            Twist(rest[..length], HeaderBytes + familyBytes(BinaryPrimitives.ReadUInt16LittleEndian(rest[4..])));
            rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        }

        return bytes;
    }

    private static void Twist(Span<byte> message, int header)
    {
        ref var flags = ref message[6];
        switch (t_plant)
        {
            case WirePlant.AcknowledgementNotAskedFor:
                flags &= unchecked((byte)~Ack);
                break;
            case WirePlant.SequenceOffByOne:
                BinaryPrimitives.WriteUInt32LittleEndian(message[8..], BinaryPrimitives.ReadUInt32LittleEndian(message[8..]) + 1);
                break;
            case WirePlant.CreationNotExclusive:
                message[7] &= unchecked((byte)~(Exclusive >> 8));
                break;
            default:
                TwistAttributes(message[Math.Min(header, message.Length)..], isOutermost: true);
                break;
        }
    }

    private static void TwistAttributes(Span<byte> attributes, bool isOutermost)
    {
        while (attributes.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (length < 4 || length > attributes.Length)
            {
                return; // not attributes: the peer of a pair begins with a header of its own
            }

            var isNest = (attributes[3] & 0x80) != 0; // NLA_F_NESTED
            var padded = Math.Min(attributes.Length, (length + 3) & ~3);
            switch (t_plant)
            {
                case WirePlant.NestTooShort when isNest && length >= 8:
                    BinaryPrimitives.WriteUInt16LittleEndian(attributes, (ushort)(length - 4));
                    break;
                case WirePlant.PaddingCounted:
                    BinaryPrimitives.WriteUInt16LittleEndian(attributes, (ushort)padded);
                    break;
                case WirePlant.PaddingDirty:
                    attributes[length..padded].Fill(0xa5);
                    break;
                case WirePlant.PortInHostOrder when !isNest:
                    SwapPorts(attributes[4..length]);
                    break;
                case WirePlant.LastAttributeLost when isOutermost && padded == attributes.Length:
                    attributes[2] = 0xfe; // a type that no family knows, which the kernel passes over
                    attributes[3] = 0x3f;
                    break;
            }

            if (isNest)
            {
                TwistAttributes(attributes[4..length], isOutermost: false);
            }

            attributes = attributes[padded..];
        }
    }

    private static void SwapPorts(Span<byte> value)
    {
        for (var at = 0; at + 2 <= value.Length; at += 2)
        {
            if (s_ports.Contains(BinaryPrimitives.ReadUInt16BigEndian(value[at..])))
            {
                value.Slice(at, 2).Reverse();
            }
        }
    }

    private sealed class Weeding : IDisposable
    {
        public void Dispose() => t_plant = WirePlant.None;
    }
}

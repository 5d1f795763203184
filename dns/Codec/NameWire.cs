namespace Networking.Dns;

/// <summary>
/// Names on the wire: labels, each behind its length, and a zero. An uncompressed one is at most 255 bytes long. In a
/// message a name may end in a pointer to an earlier one.
/// </summary>
public static class NameWire
{
    /// <summary>Longest name in bytes, with all lengths and the final zero.</summary>
    public const int BytesMax = 255;

    /// <summary>Longest label in bytes.</summary>
    public const int LabelBytesMax = 63;

    internal const int PointerMark = 0xc0;
    internal const int PointerMax = 0x3fff;

    /// <summary>The length of the name a span begins with, if it has no pointer; zero if it is none.</summary>
    public static int PlainLength(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && at < BytesMax)
        {
            var label = bytes[at];
            if (label == 0)
            {
                return at + 1;
            }

            if (label > LabelBytesMax)
            {
                return 0;
            }

            at += label + 1;
        }

        return 0;
    }

    /// <summary>The offset behind the name at an offset, without following pointers; zero if it is malformed.</summary>
    public static int Skip(ReadOnlySpan<byte> message, int offset)
    {
        var at = offset;
        while (at < message.Length && at - offset < BytesMax)
        {
            var label = message[at];
            if (label == 0)
            {
                return at + 1;
            }

            if (label >= PointerMark)
            {
                return at + 2 <= message.Length ? at + 2 : 0;
            }

            if (label > LabelBytesMax)
            {
                return 0;
            }

            at += label + 1;
        }

        return 0;
    }

    /// <summary>
    /// Writes out the name at an offset without pointers. Each pointer must lead before the labels it was found behind,
    /// so the walk ends whatever the bytes are.
    /// </summary>
    /// <param name="message">The whole message.</param>
    /// <param name="offset">Where the name begins.</param>
    /// <param name="name">At least <see cref="BytesMax"/>.</param>
    /// <returns>Its length in bytes; zero if it is malformed.</returns>
    public static int Expand(ReadOnlySpan<byte> message, int offset, Span<byte> name)
    {
        var (at, start, length) = (offset, offset, 0);
        while (at < message.Length)
        {
            var label = message[at];
            if (label >= PointerMark)
            {
                if (at + 1 >= message.Length || (((label & ~PointerMark) << 8) | message[at + 1]) is var target && (target >= start || target < DnsHeader.Bytes))
                {
                    return 0;
                }

                (at, start) = (target, target);
                continue;
            }

            if (label > LabelBytesMax || at + label >= message.Length || length + label + 1 > BytesMax)
            {
                return 0;
            }

            message.Slice(at, label + 1).CopyTo(name[length..]);
            length += label + 1;
            at += label + 1;
            if (label == 0)
            {
                return length;
            }
        }

        return 0;
    }

    /// <summary>Copies a plain name with its letters in lower case: how names are compared (RFC 4343).</summary>
    public static void ToLower(ReadOnlySpan<byte> name, Span<byte> lower)
    {
        // A length is at most 63 and so never a letter.
        for (var i = 0; i < name.Length; i++)
        {
            var value = name[i];
            lower[i] = value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
        }
    }

    /// <summary>Whether two plain names are the same but for the case of their letters.</summary>
    public static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length)
        {
            return false;
        }

        for (var i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i] && !(IsLetter(one[i]) && (one[i] | 0x20) == (other[i] | 0x20)))
            {
                return false;
            }
        }

        return true;
    }

    internal static bool IsLetter(byte value) => (value | 0x20) is >= 'a' and <= 'z';
}

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Between the text of one part of a key (or of a value) and the bytes that stand in a register.</summary>
internal static class FirewallValueCodec
{
    public const int KeyBytesMax = 64; // NFT_REG32 00…15: sixteen registers of four bytes
    private const string Joint = " . "; // nft's word between the parts of a concatenation

    public static int LengthOf(FirewallType type) => type switch
    {
        FirewallType.Ipv4Address or FirewallType.Mark => 4,
        FirewallType.Ipv6Address or FirewallType.InterfaceName => 16,
        FirewallType.Protocol => 1,
        FirewallType.Port => 2,
        _ => 0,
    };

    /// <summary>Bytes of a key: one part as it is; in a concatenation each part fills whole registers.</summary>
    public static int LengthOf(ImmutableArray<FirewallType> types)
    {
        if (types.Length == 1)
        {
            return LengthOf(types[0]);
        }

        var length = 0;
        foreach (var type in types)
        {
            length += Padded(LengthOf(type));
        }

        return length;
    }

    public static int Padded(int length) => (length + 3) & ~3;

    /// <summary>nft's enum byteorder, for the set's user data: 0 none, 1 host, 2 big endian.</summary>
    public static byte ByteOrderOf(FirewallType type) => type switch
    {
        FirewallType.InterfaceName or FirewallType.Mark => 1,
        FirewallType.Ipv4Address or FirewallType.Ipv6Address or FirewallType.Port => 2,
        _ => 0,
    };

    /// <summary>
    /// Whether bytes in ascending order are values in ascending order, so that ranges mean something.
    /// </summary>
    public static bool IsOrdered(FirewallType type) =>
        type is FirewallType.Ipv4Address or FirewallType.Ipv6Address or FirewallType.Port or FirewallType.Protocol;

    /// <summary>The byte order of a key or value: that of its only part; a concatenation has none.</summary>
    public static byte ByteOrderOf(ImmutableArray<FirewallType> types) => types is [var only] ? ByteOrderOf(only) : (byte)0;

    /// <summary>
    /// Whether bytes read from the kernel can be told apart into these parts: a type of somebody else's has no known length.
    /// </summary>
    public static bool CanSplit(ImmutableArray<FirewallType> types, int length) =>
        !types.IsDefaultOrEmpty && types.All(static type => LengthOf(type) > 0) && length >= LengthOf(types);

    /// <summary>Writes a value of one part, or of parts joined by <c> . </c>, each into whole registers.</summary>
    public static bool TryWrite(ImmutableArray<FirewallType> types, ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (types.IsDefaultOrEmpty || LengthOf(types) > destination.Length)
        {
            return false;
        }

        destination[..LengthOf(types)].Clear();
        for (var i = 0; i < types.Length; i++)
        {
            var end = i < types.Length - 1 ? text.IndexOf(Joint, StringComparison.Ordinal) : text.Length;
            if (end < 0 || !TryWrite(types[i], text[..end], destination))
            {
                return false;
            }

            text = text[Math.Min(text.Length, end + Joint.Length)..];
            destination = destination[Math.Min(destination.Length, Padded(LengthOf(types[i])))..];
        }

        return true;
    }

    public static bool TryWrite(FirewallType type, ReadOnlySpan<char> text, Span<byte> destination)
    {
        switch (type)
        {
            case FirewallType.Ipv4Address:
                return FirewallAddressText.TryReadIpv4(text, destination);
            case FirewallType.Ipv6Address:
                return FirewallAddressText.TryReadIpv6(text, destination);
            case FirewallType.Protocol:
                return FirewallProtocolText.TryRead(text, out destination[0]);
            case FirewallType.Port:
                var isPort = FirewallNumberText.TryReadDecimal(text, ushort.MaxValue, out var port);
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)port);
                return isPort;
            case FirewallType.Mark:
                var mark = 0u;
                var isMark = text.Length == 10 && text.StartsWith("0x", StringComparison.Ordinal)
                    && FirewallNumberText.TryReadHexadecimal(text[2..], out mark);
                BinaryPrimitives.WriteUInt32LittleEndian(destination, mark);
                return isMark;
            case FirewallType.InterfaceName:
                return TryWriteName(text, destination);
            default:
                return false;
        }
    }

    /// <summary>Both ends of a part: <c>a-b</c>, or a single value, which is both ends.</summary>
    public static bool TryWriteRange(
        FirewallType type, ReadOnlySpan<char> text, Span<byte> first, Span<byte> last, out bool isRange)
    {
        isRange = false;
        var length = LengthOf(type);
        if (TryWrite(type, text, first))
        {
            first[..length].CopyTo(last);
            return true;
        }

        // The first dash need not be the one between the ends: a protocol's name may have one.
        for (var dash = text.IndexOf('-'); dash > 0; dash = NextDash(text, dash))
        {
            if (IsOrdered(type) && TryWrite(type, text[..dash], first) && TryWrite(type, text[(dash + 1)..], last))
            {
                isRange = true;
                return first[..length].SequenceCompareTo(last[..length]) <= 0;
            }
        }

        return false;
    }

    /// <summary>The text of a value: its parts joined by <c> . </c>.</summary>
    public static string Read(ImmutableArray<FirewallType> types, ReadOnlySpan<byte> bytes)
    {
        if (!CanSplit(types, bytes.Length))
        {
            return Convert.ToHexStringLower(bytes);
        }

        var text = Read(types[0], bytes);
        for (var (i, at) = (1, Padded(LengthOf(types[0]))); i < types.Length; i++)
        {
            text = $"{text}{Joint}{Read(types[i], bytes[at..])}";
            at += Padded(LengthOf(types[i]));
        }

        return text;
    }

    public static string Read(FirewallType type, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < LengthOf(type))
        {
            return Convert.ToHexStringLower(bytes);
        }

        switch (type)
        {
            case FirewallType.Ipv4Address:
                return new IPAddress(bytes[..4]).ToString();
            case FirewallType.Ipv6Address:
                return new IPAddress(bytes[..16]).ToString();
            case FirewallType.Protocol:
                return FirewallProtocolText.Read(bytes[0]);
            case FirewallType.Port:
                return BinaryPrimitives.ReadUInt16BigEndian(bytes).ToString();
            case FirewallType.Mark:
                return $"0x{BinaryPrimitives.ReadUInt32LittleEndian(bytes):x8}";
            case FirewallType.InterfaceName:
                var end = bytes.IndexOf((byte)0);
                return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
            default:
                // A type of somebody else's set: shown, so that it differs from anything of ours.
                return Convert.ToHexStringLower(bytes);
        }
    }

    private static int NextDash(ReadOnlySpan<char> text, int dash)
    {
        var next = text[(dash + 1)..].IndexOf('-');
        return next < 0 ? -1 : dash + 1 + next;
    }

    private static bool TryWriteName(ReadOnlySpan<char> text, Span<byte> destination)
    {
        destination = destination[..FirewallWire.InterfaceNameBytes];
        destination.Clear();

        // Fifteen bytes and a zero; nft reads a trailing star as a wildcard, so a name cannot end in one.
        return !text.IsEmpty && text[^1] != '*' && !text.Contains('\0')
            && Encoding.UTF8.TryGetBytes(text, destination[..^1], out _);
    }
}

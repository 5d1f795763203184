using System.Globalization;

namespace Networking.Model;

/// <summary>An IEEE 802 48-bit hardware address. <c>default</c> is the zero address and means "none".</summary>
public readonly record struct MacAddress
{
    private const ulong MulticastBit = 0x0100_0000_0000;
    private const ulong LocalBit = 0x0200_0000_0000;

    /// <summary>Creates an address from its 48 bits, most significant byte first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 48 bits are set.</exception>
    public MacAddress(ulong bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 0xFFFF_FFFF_FFFFul);
        Bits = bits;
    }

    /// <summary>The address as a number of 48 bits, first byte on the wire most significant.</summary>
    public ulong Bits { get; }

    /// <summary>True for the all-zero address.</summary>
    public bool IsZero => Bits == 0;

    /// <summary>True if an interface may carry this address: neither zero nor multicast (IEEE 802 I/G bit).</summary>
    public bool IsUnicast => Bits != 0 && (Bits & MulticastBit) == 0;

    /// <summary>Makes a random locally administered unicast address from 48 random bits (FACTS 1.2, MAC generation).</summary>
    public static MacAddress FromRandom(ulong random) =>
        new((random & 0xFFFF_FFFF_FFFF & ~MulticastBit) | LocalBit);

    /// <summary>
    /// Another address made of this one, local and unicast (IEEE 802-2014 8.2.2), that is above those of vendors: a bridge that is given
    /// none has the lowest of its ports' for its own.
    /// </summary>
    public MacAddress BehindOthers()
    {
        const int below = 40; // the first byte on the wire is the highest
        var first = Bits >> below == 0xfe ? 0xfaUL : 0xfeUL;
        return new MacAddress((first << below) | (Bits & ((1UL << below) - 1)));
    }

    /// <summary>Reads an address from the first six bytes of <paramref name="bytes"/>.</summary>
    public static MacAddress FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, 6);
        ulong bits = 0;
        foreach (var part in bytes[..6])
        {
            bits = (bits << 8) | part;
        }

        return new MacAddress(bits);
    }

    /// <summary>Parses <c>02:42:ac:11:00:02</c> (colons or dashes, either case).</summary>
    public static bool TryParse(string? text, out MacAddress address)
    {
        address = default;
        if (text is not { Length: 17 })
        {
            return false;
        }

        ulong bits = 0;
        for (var i = 0; i < 6; i++)
        {
            if (i > 0 && text[(i * 3) - 1] != text[2])
            {
                return false;
            }

            if (!byte.TryParse(text.AsSpan(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var part))
            {
                return false;
            }

            bits = (bits << 8) | part;
        }

        if (text[2] is not (':' or '-'))
        {
            return false;
        }

        address = new MacAddress(bits);
        return true;
    }

    /// <summary>Writes the six bytes in wire order.</summary>
    public void CopyTo(Span<byte> destination)
    {
        for (var i = 0; i < 6; i++)
        {
            destination[i] = (byte)(Bits >> (40 - (8 * i)));
        }
    }

    /// <summary>The address as lower-case hex with colons.</summary>
    public override string ToString() => string.Create(17, Bits, static (span, bits) =>
    {
        for (var i = 0; i < 6; i++)
        {
            var part = (byte)(bits >> (40 - (8 * i)));
            _ = part.TryFormat(span[(i * 3)..], out _, "x2", CultureInfo.InvariantCulture);
            if (i < 5)
            {
                span[(i * 3) + 2] = ':';
            }
        }
    });
}

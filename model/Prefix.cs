using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Networking.Model;

/// <summary>
/// Strict reading of address prefixes and arithmetic on them. <see cref="IPNetwork"/> silently clears host bits;
/// what a person typed goes through <see cref="TryParse"/>, which refuses them and says what was probably meant.
/// </summary>
public static class Prefix
{
    /// <summary>Parses <c>address/length</c> without host bits.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="network">The prefix on success.</param>
    /// <param name="problem">One sentence saying what is wrong and what was meant; null on success.</param>
    public static bool TryParse(string? text, out IPNetwork network, out string? problem)
    {
        network = default;
        if (!TrySplit(text, out var address, out var length, out problem))
        {
            return false;
        }

        network = Mask(address, length);
        if (network.BaseAddress.Equals(address))
        {
            return true;
        }

        problem = $"'{text}' has host bits set; did you mean {network}?";
        return false;
    }

    /// <summary>Parses <c>address/length</c> where host bits are allowed, such as an interface's address.</summary>
    public static bool TryParseInterface(string? text, out InterfaceAddress? address, out string? problem)
    {
        address = null;
        if (!TrySplit(text, out var ip, out var length, out problem))
        {
            return false;
        }

        address = new InterfaceAddress(ip, length);
        return true;
    }

    /// <summary>Parses an address strictly: dotted quad in full or RFC 4291 text, no zone, no v4-mapped form.</summary>
    public static bool TryParseAddress(string? text, out IPAddress address, out string? problem)
    {
        address = IPAddress.None;
        // The framework takes brackets, and drops a port behind them.
        if (string.IsNullOrEmpty(text) || !IPAddress.TryParse(text, out var parsed) || text.AsSpan().ContainsAny('%', '['))
        {
            problem = $"'{text}' is not an IP address";
            return false;
        }

        // IPAddress.Parse takes 10.1 for 10.0.0.1 and 010.0.0.1 for 8.0.0.1; a person who writes that has made a mistake.
        if (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != text)
        {
            problem = $"'{text}' is not a full IPv4 address; did you mean {parsed}?";
            return false;
        }

        if (parsed.IsIPv4MappedToIPv6)
        {
            problem = $"'{text}' is an IPv4-mapped address; write {parsed.MapToIPv4()}";
            return false;
        }

        address = parsed;
        problem = null;
        return true;
    }

    /// <summary>Clears the host bits of <paramref name="address"/>.</summary>
    public static IPNetwork Mask(IPAddress address, int length)
    {
        ArgumentNullException.ThrowIfNull(address);
        var bits = BitsOf(address);
        var value = ToNumber(address);
        var mask = length == 0 ? UInt128.Zero : UInt128.MaxValue << (bits - length);
        return new IPNetwork(FromNumber(value & mask, bits == 128), length);
    }

    /// <summary>32 or 128.</summary>
    public static int BitsOf(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
    }

    /// <summary>The address as a number, network byte order.</summary>
    public static UInt128 ToNumber(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var written);
        return written == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The address with this number.</summary>
    public static IPAddress FromNumber(UInt128 number, bool ipv6)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (ipv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
            return new IPAddress(bytes);
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)number);
        return new IPAddress(bytes[..4]);
    }

    /// <summary>The last address of a prefix: the broadcast address of an IPv4 subnet.</summary>
    public static IPAddress LastAddress(IPNetwork network)
    {
        var bits = BitsOf(network.BaseAddress);
        var host = network.PrefixLength == bits ? UInt128.Zero : UInt128.MaxValue >> (128 - bits + network.PrefixLength);
        return FromNumber(ToNumber(network.BaseAddress) | host, bits == 128);
    }

    /// <summary>True if the address is inside the prefix.</summary>
    /// <remarks>
    /// <see cref="IPNetwork.Contains"/> takes an IPv4-mapped address for an IPv4 one and answers that <c>fd00::/8</c> contains
    /// <c>::ffff:0:0</c>; here the bits decide.
    /// </remarks>
    public static bool Contains(IPNetwork network, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return network.BaseAddress.AddressFamily == address.AddressFamily
            && SharesBits(network.BaseAddress, address, network.PrefixLength);
    }

    /// <summary>True if the two prefixes share an address.</summary>
    public static bool Overlaps(IPNetwork left, IPNetwork right) =>
        left.BaseAddress.AddressFamily == right.BaseAddress.AddressFamily
        && SharesBits(left.BaseAddress, right.BaseAddress, Math.Min(left.PrefixLength, right.PrefixLength));

    // A shift by all 128 bits is a shift by none.
    private static bool SharesBits(IPAddress left, IPAddress right, int count) =>
        count == 0 || (ToNumber(left) ^ ToNumber(right)) >> (BitsOf(left) - count) == UInt128.Zero;

    private static bool TrySplit(string? text, out IPAddress address, out int length, out string? problem)
    {
        address = IPAddress.None;
        length = 0;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (text is null || slash < 0)
        {
            problem = $"'{text}' is not a prefix; write it as address/length, such as 10.20.0.0/16";
            return false;
        }

        if (!TryParseAddress(text[..slash], out address, out problem))
        {
            return false;
        }

        var bits = BitsOf(address);
        var digits = text.AsSpan(slash + 1);
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits
            || (digits.Length > 1 && digits[0] == '0'))
        {
            problem = $"'{text}' has no prefix length between 0 and {bits}";
            return false;
        }

        return true;
    }
}

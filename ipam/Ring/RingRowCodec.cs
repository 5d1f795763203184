using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using Networking.Ipam.Ring.Merge;

namespace Networking.Ipam.Ring;

/// <summary>
/// The bytes of a row: version (1) · family 4 or 6 (1) · prefix length (1) · free bits (1) · base address (4 or 16), then for each range
/// first and last offset (4 or 16 each) and version (8). Big-endian. At most 340 bytes with eight ranges of IPv6.
/// </summary>
public static class RingRowCodec
{
    private const byte FormatVersion = 1;
    private const int HeaderBytes = 4;

    /// <summary>The table that rows travel in.</summary>
    public const string Table = "ipam-ring";

    /// <summary>Writes a row.</summary>
    public static byte[] Write(RingRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var width = Model.Prefix.BitsOf(row.Prefix.BaseAddress) / 8;
        var bytes = new byte[HeaderBytes + width + (row.Claims.Length * ((2 * width) + sizeof(ulong)))];
        bytes[0] = FormatVersion;
        bytes[1] = width == 4 ? (byte)4 : (byte)6;
        bytes[2] = (byte)row.Prefix.PrefixLength;
        bytes[3] = (byte)row.FreeBits;
        var rest = bytes.AsSpan(HeaderBytes);
        Put(ref rest, Model.Prefix.ToNumber(row.Prefix.BaseAddress), width);
        foreach (var claim in row.Claims)
        {
            Put(ref rest, claim.First, width);
            Put(ref rest, claim.Last, width);
            BinaryPrimitives.WriteUInt64BigEndian(rest, claim.Version);
            rest = rest[sizeof(ulong)..];
        }

        return bytes;
    }

    /// <summary>Reads a row that anybody may have written: null if it is malformed.</summary>
    /// <param name="pool">The pool it is about, from the row's key.</param>
    /// <param name="owner">Who wrote it, and so owns its ranges.</param>
    /// <param name="bytes">The row's value.</param>
    public static RingRow? Read(string pool, OwnerId owner, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || bytes[0] != FormatVersion || bytes[1] is not (4 or 6))
        {
            return null;
        }

        var width = bytes[1] == 4 ? 4 : 16;
        var each = (2 * width) + sizeof(ulong);
        var (length, freeBits) = (bytes[2], bytes[3]);
        var rest = bytes[HeaderBytes..];
        if (rest.Length < width || (rest.Length - width) % each != 0 || length > width * 8 || freeBits > 128)
        {
            return null;
        }

        var address = Model.Prefix.FromNumber(Take(ref rest, width), width == 16);
        if (!Model.Prefix.Mask(address, length).BaseAddress.Equals(address))
        {
            return null;
        }

        var claims = ImmutableArray.CreateBuilder<Claim>(rest.Length / each);
        while (!rest.IsEmpty)
        {
            var claim = new Claim(Take(ref rest, width), Take(ref rest, width), BinaryPrimitives.ReadUInt64BigEndian(rest), owner);
            rest = rest[sizeof(ulong)..];
            if (claim.First > claim.Last || claim.Version == 0)
            {
                return null;
            }

            claims.Add(claim);
        }

        return new RingRow(pool, new IPNetwork(address, length), freeBits, claims.DrainToImmutable());
    }

    private static void Put(ref Span<byte> rest, UInt128 value, int width)
    {
        if (width == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(rest, value);
        }

        rest = rest[width..];
    }

    private static UInt128 Take(ref ReadOnlySpan<byte> rest, int width)
    {
        var value = width == 4 ? BinaryPrimitives.ReadUInt32BigEndian(rest) : BinaryPrimitives.ReadUInt128BigEndian(rest);
        rest = rest[width..];
        return value;
    }
}

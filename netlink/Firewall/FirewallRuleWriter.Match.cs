using System.Buffers.Binary;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <content>Steps that compare one thing: interface, prefix, kind of address, connection, mark.</content>
internal static partial class FirewallRuleWriter
{
    private const uint StateKey = 0; // NFT_CT_STATE
    private const uint StateEstablished = 2; // NF_CT_STATE_BIT(IP_CT_ESTABLISHED)
    private const uint StateRelated = 4; // NF_CT_STATE_BIT(IP_CT_RELATED)
    internal const uint StatusKey = 2; // NFT_CT_STATUS
    internal const uint StatusDestinationNat = 1 << 5; // IPS_DST_NAT
    private const uint FibAddressType = 3; // NFT_FIB_RESULT_ADDRTYPE
    private const uint FibSource = 1; // NFTA_FIB_F_SADDR
    private const uint FibDestination = 2; // NFTA_FIB_F_DADDR
    private const uint Local = 2; // RTN_LOCAL

    private static string? PutInterface(ref NetlinkWriter writer, MatchInterface match)
    {
        var place = FirewallFieldPlace.Of(match.Field);
        if (place.Meta is not (FirewallMetaKey.InputName or FirewallMetaKey.OutputName))
        {
            return $"{match.Field} is not an interface";
        }

        Span<byte> name = stackalloc byte[FirewallWire.InterfaceNameBytes];
        if (!FirewallValueCodec.TryWrite(FirewallType.InterfaceName, match.Name, name))
        {
            return $"'{match.Name}' is not an interface name";
        }

        PutLoad(ref writer, place, FirstRegister);
        PutCompare(ref writer, match.IsNegated ? NotEqual : Equal, name);
        return null;
    }

    // Like nft: whole bytes of an address are compared as they are, anything else is masked first.
    private static string? PutPrefix(ref NetlinkWriter writer, MatchPrefix match, ref byte knownFamily)
    {
        var place = FirewallFieldPlace.Of(match.Field);
        var family = match.Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6
            ? FirewallWire.FamilyIpv6
            : FirewallWire.FamilyIpv4;
        if (place.Family != family || match.Prefix.PrefixLength == 0)
        {
            return $"{match.Prefix} is not a prefix of at least one bit of {match.Field}";
        }

        if (!TryPutFamilyOf(ref writer, place, ref knownFamily))
        {
            return TwoFamilies;
        }

        Span<byte> address = stackalloc byte[16];
        _ = match.Prefix.BaseAddress.TryWriteBytes(address, out var length);
        var (bytes, bits) = (match.Prefix.PrefixLength / 8, match.Prefix.PrefixLength % 8);
        if (bits == 0)
        {
            length = bytes;
            PutLoad(ref writer, place with { Length = bytes }, FirstRegister);
        }
        else
        {
            Span<byte> mask = stackalloc byte[16];
            mask.Clear();
            mask[..bytes].Fill(byte.MaxValue);
            mask[bytes] = (byte)(byte.MaxValue << (8 - bits));
            Span<byte> zero = stackalloc byte[16];
            zero.Clear();
            PutLoad(ref writer, place, FirstRegister);
            PutBitwise(ref writer, mask[..length], zero[..length]);
        }

        PutCompare(ref writer, match.IsNegated ? NotEqual : Equal, address[..length]);
        return null;
    }

    private static void PutLocal(ref NetlinkWriter writer, MatchLocal match)
    {
        var data = BeginExpression(ref writer, "fib", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallFibAttribute.Destination, FirstRegister);
        writer.PutUInt32BigEndian((ushort)FirewallFibAttribute.Result, FibAddressType);
        writer.PutUInt32BigEndian((ushort)FirewallFibAttribute.Flags, match.IsSource ? FibSource : FibDestination);
        EndExpression(ref writer, data, element);
        Span<byte> local = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(local, Local);
        PutCompare(ref writer, match.IsNegated ? NotEqual : Equal, local);
    }

    // Any of these bits: bits & mask != 0.
    private static void PutConntrack(ref NetlinkWriter writer, uint key, uint bits)
    {
        var data = BeginExpression(ref writer, "ct", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallConntrackAttribute.Key, key);
        writer.PutUInt32BigEndian((ushort)FirewallConntrackAttribute.Destination, FirstRegister);
        EndExpression(ref writer, data, element);
        PutBits(ref writer, bits, 0);
        PutNumber(ref writer, NotEqual, 0);
    }

    private static void PutMatchMark(ref NetlinkWriter writer, uint bits)
    {
        PutMeta(ref writer, FirewallMetaKey.Mark, FirstRegister);
        PutBits(ref writer, bits, 0);
        PutNumber(ref writer, Equal, bits);
    }

    private static void PutSetMark(ref NetlinkWriter writer, uint bits)
    {
        PutMeta(ref writer, FirewallMetaKey.Mark, FirstRegister);
        PutBits(ref writer, ~bits, bits);
        var data = BeginExpression(ref writer, "meta", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallMetaAttribute.Key, (uint)FirewallMetaKey.Mark);
        writer.PutUInt32BigEndian((ushort)FirewallMetaAttribute.Source, FirstRegister);
        EndExpression(ref writer, data, element);
    }

    // Numbers stand in host order, as the kernel writes them into the register.
    private static void PutBits(ref NetlinkWriter writer, uint mask, uint xor)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, mask);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], xor);
        PutBitwise(ref writer, bytes[..4], bytes[4..]);
    }

    private static void PutNumber(ref NetlinkWriter writer, uint comparison, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        PutCompare(ref writer, comparison, bytes);
    }

    private static void PutBitwise(ref NetlinkWriter writer, scoped ReadOnlySpan<byte> mask, scoped ReadOnlySpan<byte> xor)
    {
        var data = BeginExpression(ref writer, "bitwise", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallBitwiseAttribute.Source, FirstRegister);
        writer.PutUInt32BigEndian((ushort)FirewallBitwiseAttribute.Destination, FirstRegister);
        writer.PutUInt32BigEndian((ushort)FirewallBitwiseAttribute.Length, (uint)mask.Length);
        PutValue(ref writer, (ushort)FirewallBitwiseAttribute.Mask, mask);
        PutValue(ref writer, (ushort)FirewallBitwiseAttribute.Xor, xor);
        EndExpression(ref writer, data, element);
    }
}

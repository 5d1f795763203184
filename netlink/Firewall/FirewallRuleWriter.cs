using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Writes a rule's steps as the kernel's small register programs. From the packet's point of view: fields are loaded
/// into registers from the first one on, each field into whole registers of four bytes, and a lookup reads them as one
/// key.
/// </summary>
internal static class FirewallRuleWriter
{
    private const uint VerdictRegister = 0; // NFT_REG_VERDICT
    private const uint FirstRegister = 1; // NFT_REG_1
    private const uint SmallRegisters = 8; // NFT_REG32_00
    private const int RegistersMax = 16;
    private const uint StateKey = 0; // NFT_CT_STATE
    private const uint StateEstablished = 2; // NF_CT_STATE_BIT(IP_CT_ESTABLISHED)
    private const uint StateRelated = 4; // NF_CT_STATE_BIT(IP_CT_RELATED)
    private const uint Equal = 0; // NFT_CMP_EQ
    private const uint NotEqual = 1; // NFT_CMP_NEQ
    private const uint LookupInverted = 1; // NFT_LOOKUP_F_INV
    private const uint SourceNatType = 0; // NFT_NAT_SNAT

    /// <summary>Writes NFTA_RULE_EXPRESSIONS.</summary>
    /// <returns>Why it cannot be written; null if it was.</returns>
    public static string? Put(ref NetlinkWriter writer, ImmutableArray<FirewallExpression> expressions)
    {
        var list = writer.BeginNest((ushort)FirewallRuleAttribute.Expressions);
        byte knownFamily = 0;
        foreach (var expression in expressions)
        {
            if (Put(ref writer, expression, ref knownFamily) is { } problem)
            {
                return problem;
            }
        }

        writer.EndNest(list);
        return null;
    }

    private static string? Put(ref NetlinkWriter writer, FirewallExpression expression, ref byte knownFamily)
    {
        switch (expression)
        {
            case MatchSet match:
                return PutLookup(ref writer, match.Fields, match.Set, match.IsNegated, isVerdict: false, ref knownFamily);
            case LookupVerdict lookup:
                return PutLookup(ref writer, lookup.Fields, lookup.Map, isNegated: false, isVerdict: true, ref knownFamily);
            case MatchFamily family:
                PutFamily(ref writer, family.IsIpv6 ? FirewallWire.FamilyIpv6 : FirewallWire.FamilyIpv4, ref knownFamily);
                return null;
            case MatchInterface match:
                return PutInterface(ref writer, match);
            case MatchEstablished:
                PutEstablished(ref writer);
                return null;
            case Counter:
                PutEmpty(ref writer, "counter");
                return null;
            case Verdict verdict:
                PutVerdict(ref writer, CodeOf(verdict.Kind), chain: default);
                return null;
            case Jump jump:
                PutVerdict(ref writer, FirewallVerdictCode.Jump, jump.Chain);
                return null;
            case Masquerade:
                PutEmpty(ref writer, "masq");
                return null;
            case SourceNat nat:
                PutSourceNat(ref writer, nat);
                return null;
            default:
                throw new UnreachableException(expression.GetType().Name);
        }
    }

    private static FirewallVerdictCode CodeOf(FirewallVerdict verdict) => verdict switch
    {
        FirewallVerdict.Accept => FirewallVerdictCode.Accept,
        FirewallVerdict.Drop => FirewallVerdictCode.Drop,
        FirewallVerdict.Return => FirewallVerdictCode.Return,
        _ => throw new UnreachableException(verdict.ToString()),
    };

    private static string? PutLookup(
        ref NetlinkWriter writer,
        ImmutableArray<FirewallField> fields,
        string set,
        bool isNegated,
        bool isVerdict,
        ref byte knownFamily)
    {
        // In family inet a rule sees both protocols: the offset of an address means something only after this check.
        foreach (var field in fields)
        {
            var family = FirewallFieldPlace.Of(field).Family;
            if (family != 0 && knownFamily != 0 && family != knownFamily)
            {
                return "fields of ip and ip6 in one rule never match";
            }

            if (family != 0)
            {
                PutFamily(ref writer, family, ref knownFamily);
            }
        }

        var slot = 0;
        foreach (var field in fields)
        {
            var place = FirewallFieldPlace.Of(field);
            var next = slot + ((place.Length + 3) / 4);
            if (next > RegistersMax)
            {
                return $"a key of more than {4 * RegistersMax} bytes";
            }

            PutLoad(ref writer, place, RegisterOf(slot));
            slot = next;
        }

        var data = BeginExpression(ref writer, "lookup", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallLookupAttribute.Source, FirstRegister);
        if (isVerdict)
        {
            writer.PutUInt32BigEndian((ushort)FirewallLookupAttribute.Destination, VerdictRegister);
        }

        writer.PutString((ushort)FirewallLookupAttribute.Set, set);
        if (isNegated)
        {
            writer.PutUInt32BigEndian((ushort)FirewallLookupAttribute.Flags, LookupInverted);
        }

        EndExpression(ref writer, data, element);
        return null;
    }

    // The kernel numbers the same sixteen registers twice; like nft we use the 16-byte name where one begins.
    private static uint RegisterOf(int slot) =>
        slot % 4 == 0 ? FirstRegister + (uint)(slot / 4) : SmallRegisters + (uint)slot;

    private static void PutLoad(ref NetlinkWriter writer, FirewallFieldPlace place, uint register)
    {
        if (place.Meta is { } key)
        {
            PutMeta(ref writer, key, register);
            return;
        }

        var data = BeginExpression(ref writer, "payload", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.Destination, register);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.Base, (uint)place.Base);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.Offset, (uint)place.Offset);
        writer.PutUInt32BigEndian((ushort)FirewallPayloadAttribute.Length, (uint)place.Length);
        EndExpression(ref writer, data, element);
    }

    private static void PutMeta(ref NetlinkWriter writer, FirewallMetaKey key, uint register)
    {
        var data = BeginExpression(ref writer, "meta", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallMetaAttribute.Key, (uint)key);
        writer.PutUInt32BigEndian((ushort)FirewallMetaAttribute.Destination, register);
        EndExpression(ref writer, data, element);
    }

    private static void PutFamily(ref NetlinkWriter writer, byte family, ref byte knownFamily)
    {
        if (family == knownFamily)
        {
            return;
        }

        knownFamily = family;
        PutMeta(ref writer, FirewallMetaKey.Family, FirstRegister);
        PutCompare(ref writer, Equal, [family]);
    }

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

    private static void PutEstablished(ref NetlinkWriter writer)
    {
        var data = BeginExpression(ref writer, "ct", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallConntrackAttribute.Key, StateKey);
        writer.PutUInt32BigEndian((ushort)FirewallConntrackAttribute.Destination, FirstRegister);
        EndExpression(ref writer, data, element);

        // state & mask != 0: the mask stands in host order, as conntrack writes the register.
        Span<byte> mask = stackalloc byte[4];
        mask.Clear();
        data = BeginExpression(ref writer, "bitwise", out element);
        writer.PutUInt32BigEndian((ushort)FirewallBitwiseAttribute.Source, FirstRegister);
        writer.PutUInt32BigEndian((ushort)FirewallBitwiseAttribute.Destination, FirstRegister);
        writer.PutUInt32BigEndian((ushort)FirewallBitwiseAttribute.Length, 4);
        mask[0] = (byte)(StateEstablished | StateRelated);
        PutValue(ref writer, (ushort)FirewallBitwiseAttribute.Mask, mask);
        mask[0] = 0;
        PutValue(ref writer, (ushort)FirewallBitwiseAttribute.Xor, mask);
        EndExpression(ref writer, data, element);
        PutCompare(ref writer, NotEqual, mask);
    }

    // Needs no check of the family before it: the kernel passes packets of the other family by.
    private static void PutSourceNat(ref NetlinkWriter writer, SourceNat nat)
    {
        var isIpv6 = nat.Address.AddressFamily == AddressFamily.InterNetworkV6;
        var family = isIpv6 ? FirewallWire.FamilyIpv6 : FirewallWire.FamilyIpv4;
        var data = BeginExpression(ref writer, "immediate", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallImmediateAttribute.Destination, FirstRegister);
        var value = writer.BeginNest((ushort)FirewallImmediateAttribute.Data);
        writer.PutAddress((ushort)FirewallDataAttribute.Value, nat.Address);
        writer.EndNest(value);
        EndExpression(ref writer, data, element);

        data = BeginExpression(ref writer, "nat", out element);
        writer.PutUInt32BigEndian((ushort)FirewallNatAttribute.Type, SourceNatType);
        writer.PutUInt32BigEndian((ushort)FirewallNatAttribute.Family, family);
        writer.PutUInt32BigEndian((ushort)FirewallNatAttribute.AddressMinimum, FirstRegister);
        EndExpression(ref writer, data, element);
    }

    private static void PutVerdict(ref NetlinkWriter writer, FirewallVerdictCode code, scoped ReadOnlySpan<char> chain)
    {
        var data = BeginExpression(ref writer, "immediate", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallImmediateAttribute.Destination, VerdictRegister);
        var value = writer.BeginNest((ushort)FirewallImmediateAttribute.Data);
        FirewallVerdictCodec.Put(ref writer, code, chain);
        writer.EndNest(value);
        EndExpression(ref writer, data, element);
    }

    private static void PutCompare(ref NetlinkWriter writer, uint comparison, scoped ReadOnlySpan<byte> value)
    {
        var data = BeginExpression(ref writer, "cmp", out var element);
        writer.PutUInt32BigEndian((ushort)FirewallCompareAttribute.Source, FirstRegister);
        writer.PutUInt32BigEndian((ushort)FirewallCompareAttribute.Operator, comparison);
        PutValue(ref writer, (ushort)FirewallCompareAttribute.Data, value);
        EndExpression(ref writer, data, element);
    }

    private static void PutValue(ref NetlinkWriter writer, ushort attribute, scoped ReadOnlySpan<byte> value)
    {
        var nest = writer.BeginNest(attribute);
        writer.PutBytes((ushort)FirewallDataAttribute.Value, value);
        writer.EndNest(nest);
    }

    private static void PutEmpty(ref NetlinkWriter writer, string name)
    {
        var data = BeginExpression(ref writer, name, out var element);
        EndExpression(ref writer, data, element);
    }

    private static WriterMark BeginExpression(ref NetlinkWriter writer, string name, out WriterMark element)
    {
        element = writer.BeginNest((ushort)FirewallListAttribute.Element);
        writer.PutString((ushort)FirewallExpressionAttribute.Name, name);
        return writer.BeginNest((ushort)FirewallExpressionAttribute.Data);
    }

    private static void EndExpression(ref NetlinkWriter writer, WriterMark data, WriterMark element)
    {
        writer.EndNest(data);
        writer.EndNest(element);
    }
}

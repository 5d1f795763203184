using System.Collections.Immutable;
using System.Diagnostics;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Writes a rule's steps as the kernel's small register programs. From the packet's point of view: fields are loaded
/// into registers from the first one on, each field into whole registers of four bytes, and a lookup reads them as one
/// key.
/// </summary>
internal static partial class FirewallRuleWriter
{
    private const uint VerdictRegister = 0; // NFT_REG_VERDICT
    private const uint FirstRegister = 1; // NFT_REG_1
    private const uint SmallRegisters = 8; // NFT_REG32_00
    private const int RegistersMax = 16;
    private const string TwoFamilies = "fields of ip and ip6 in one rule never match";
    private const uint Equal = 0; // NFT_CMP_EQ
    private const uint NotEqual = 1; // NFT_CMP_NEQ
    private const uint LookupInverted = 1; // NFT_LOOKUP_F_INV

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
                return PutLookup(ref writer, match.Fields, match.Set, match.IsNegated, destination: null, ref knownFamily);
            case LookupVerdict lookup:
                return PutLookup(ref writer, lookup.Fields, lookup.Map, isNegated: false, VerdictRegister, ref knownFamily);
            case MatchFamily family:
                PutFamily(ref writer, family.IsIpv6 ? FirewallWire.FamilyIpv6 : FirewallWire.FamilyIpv4, ref knownFamily);
                return null;
            case MatchInterface match:
                return PutInterface(ref writer, match);
            case MatchNoInput:
                PutMeta(ref writer, FirewallMetaKey.InputIndex, FirstRegister);
                PutCompare(ref writer, Equal, [0, 0, 0, 0]);
                return null;
            case MatchPrefix match:
                return PutPrefix(ref writer, match, ref knownFamily);
            case MatchProtocol match:
                PutMeta(ref writer, FirewallMetaKey.Protocol, FirstRegister);
                PutCompare(ref writer, Equal, [match.Protocol]);
                return null;
            case MatchPort match:
                return PutMatchPort(ref writer, match);
            case MatchTcpReset:
                PutTcpReset(ref writer);
                return null;
            case MatchUnreachable:
                PutUnreachable(ref writer);
                return null;
            case SetPort set:
                return PutSetPort(ref writer, set);
            case NoTrack:
                PutNoTrack(ref writer);
                return null;
            case MatchLocal match:
                PutLocal(ref writer, match);
                return null;
            case MatchEstablished:
                PutConntrack(ref writer, StateKey, StateEstablished | StateRelated);
                return null;
            case MatchTranslated:
                PutConntrack(ref writer, StatusKey, StatusDestinationNat);
                return null;
            case MatchMark match:
                PutMatchMark(ref writer, match.Bits);
                return null;
            case SetMark set:
                PutSetMark(ref writer, set.Bits);
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
            case Goto go:
                PutVerdict(ref writer, FirewallVerdictCode.Goto, go.Chain);
                return null;
            default:
                return PutNat(ref writer, expression, ref knownFamily);
        }
    }

    private static string? PutNat(ref NetlinkWriter writer, FirewallExpression expression, ref byte knownFamily)
    {
        switch (expression)
        {
            case Masquerade:
                PutEmpty(ref writer, "masq");
                return null;
            case SourceNat nat:
                PutSourceNat(ref writer, nat);
                return null;
            case SourceNatMap nat:
                return PutNatMap(ref writer, SourceNatType, nat.IsIpv6, nat.Fields, nat.Map, hasPort: false, ref knownFamily);
            case DestinationNatMap nat:
                return PutNatMap(ref writer, DestinationNatType, nat.IsIpv6, nat.Fields, nat.Map, nat.HasPort, ref knownFamily);
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
        uint? destination,
        ref byte knownFamily)
    {
        foreach (var field in fields)
        {
            if (!TryPutFamilyOf(ref writer, FirewallFieldPlace.Of(field), ref knownFamily))
            {
                return TwoFamilies;
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
        if (destination is { } register)
        {
            writer.PutUInt32BigEndian((ushort)FirewallLookupAttribute.Destination, register);
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

    // In family inet a rule sees both protocols: the offset of an address means something only after this check.
    private static bool TryPutFamilyOf(ref NetlinkWriter writer, FirewallFieldPlace place, ref byte knownFamily)
    {
        if (place.Family == 0)
        {
            return true;
        }

        if (knownFamily != 0 && place.Family != knownFamily)
        {
            return false;
        }

        PutFamily(ref writer, place.Family, ref knownFamily);
        return true;
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

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Reads what a rule asks of destination port, address and protocol, by following its registers: native expressions as nft and
/// iptables-nft write them, and the matches of iptables that carry ports in a structure. Whatever it does not know is taken for
/// a condition that may be met. For one rule.
/// </summary>
internal sealed class ForeignNatReader
{
    private const int Slots = 16;
    private const uint DestinationNatType = 1; // NFT_NAT_DNAT
    private const uint NotEqual = 1; // NFT_CMP_NEQ, NFT_RANGE_NEQ
    private const uint Less = 2; // NFT_CMP_LT
    private const uint LessOrEqual = 3; // NFT_CMP_LTE
    private const uint Greater = 4; // NFT_CMP_GT
    private const uint GreaterOrEqual = 5; // NFT_CMP_GTE
    private const byte InvertedDestination = 2; // XT_TCP_INV_DSTPT, XT_UDP_INV_DSTPT

    private readonly Loaded[] _slots = new Loaded[Slots];
    private byte? _protocol;
    private (int First, int Last) _bounds = (0, ushort.MaxValue);
    private ImmutableArray<PortRange> _ports;
    private IPNetwork? _destination;
    private ForeignNatLookup? _lookup;
    private bool _translates;
    private bool _drops;
    private string? _target;

    private ForeignNatReader()
    {
    }

    private enum Field
    {
        Other,
        Protocol,
        Port,
        Destination,
    }

    /// <summary>Reads one message of a dump of rules.</summary>
    /// <exception cref="WireFormatException">The bytes are not nf_tables'.</exception>
    public static ForeignNatRule Read(AttributeReader attributes)
    {
        var chain = string.Empty;
        var reader = new ForeignNatReader();
        while (attributes.MoveNext())
        {
            if (attributes.Type == (ushort)FirewallRuleAttribute.Chain)
            {
                chain = attributes.GetString();
            }
            else if (attributes.Type == (ushort)FirewallRuleAttribute.Expressions)
            {
                var expressions = new FirewallExpressionReader(attributes.Nested());
                while (expressions.MoveNext())
                {
                    reader.Take(expressions);
                }
            }
        }

        var match = new ForeignNatMatch(reader._protocol, reader.Ports(), reader._destination);
        return new ForeignNatRule(chain, match, reader._lookup, reader._translates, reader._drops, reader._target);
    }

    /// <summary>A range of ports as it stands in a key or comparison; null if it holds no port that a packet can have.</summary>
    public static PortRange? RangeOf(int first, int last) =>
        Math.Max(first, 1) <= last ? new PortRange(Math.Max(first, 1), Math.Min(last, ushort.MaxValue)) : null;

    private static int SlotOf(uint? register) => register switch
    {
        >= 1 and <= 4 => ((int)register - 1) * 4, // NFT_REG_1 to NFT_REG_4
        >= 8 and < 8 + Slots => (int)register - 8, // NFT_REG32_00 and on
        _ => -1,
    };

    private ImmutableArray<PortRange> Ports() => !_ports.IsDefault ? _ports
        : _bounds != (0, ushort.MaxValue) && RangeOf(_bounds.First, _bounds.Last) is { } range ? [range]
        : default;

    private void Take(FirewallExpressionReader expression)
    {
        if (expression.Is("meta"u8))
        {
            var isProtocol = expression.Number((ushort)FirewallMetaAttribute.Key) == (uint)FirewallMetaKey.Protocol;
            Load(expression.Number((ushort)FirewallMetaAttribute.Destination), new Loaded(isProtocol ? Field.Protocol : Field.Other, 1));
        }
        else if (expression.Is("payload"u8))
        {
            TakePayload(expression);
        }
        else if (expression.Is("bitwise"u8))
        {
            TakeMask(expression);
        }
        else if (expression.Is("cmp"u8))
        {
            TakeComparison(expression);
        }
        else if (expression.Is("range"u8))
        {
            TakeRange(expression);
        }
        else if (expression.Is("lookup"u8))
        {
            TakeLookup(expression);
        }
        else if (expression.Is("match"u8))
        {
            TakeMatch(expression);
        }
        else
        {
            TakeDecision(expression);
        }
    }

    private void TakeDecision(FirewallExpressionReader expression)
    {
        if (expression.Is("immediate"u8))
        {
            var verdict = expression.Verdict((ushort)FirewallImmediateAttribute.Data)?.Split(' ');
            _drops |= verdict is ["drop"];
            _target = verdict is ["jump" or "goto", var chain] ? chain : _target;
        }
        else
        {
            _drops |= FirewallVerdictReader.Rejects(expression);
            _translates |= expression.Is("redir"u8)
                || (expression.Is("nat"u8) && expression.Number((ushort)FirewallNatAttribute.Type) == DestinationNatType)
                || (expression.Is("target"u8) && expression.Text((ushort)FirewallExtensionAttribute.Name) is "DNAT" or "REDIRECT");
        }
    }

    private void TakePayload(FirewallExpressionReader expression)
    {
        var offset = expression.Number((ushort)FirewallPayloadAttribute.Offset);
        var length = (int)Math.Min(expression.Number((ushort)FirewallPayloadAttribute.Length) ?? 0, 16);
        var field = ((FirewallPayloadBase?)expression.Number((ushort)FirewallPayloadAttribute.Base), offset, length) switch
        {
            (FirewallPayloadBase.Transport, 2, 2) => Field.Port,
            (FirewallPayloadBase.Network, 9, 1) => Field.Protocol, // ip protocol
            (FirewallPayloadBase.Network, 16, >= 1 and <= 4) => Field.Destination, // ip daddr, or its first bytes
            (FirewallPayloadBase.Network, 24, >= 1 and <= 16) => Field.Destination, // ip6 daddr, or its first bytes
            _ => Field.Other,
        };
        var whole = field == Field.Destination && offset == 24 ? 16 : field == Field.Destination ? 4 : length;
        Load(expression.Number((ushort)FirewallPayloadAttribute.Destination), new Loaded(field, whole) { PrefixLength = 8 * length });
    }

    private void TakeMask(FirewallExpressionReader expression)
    {
        var slot = SlotOf(expression.Number((ushort)FirewallBitwiseAttribute.Source));
        if (slot < 0)
        {
            return;
        }

        var loaded = _slots[slot];
        var mask = expression.Value((ushort)FirewallBitwiseAttribute.Mask);
        var ones = 0;
        while (ones < 8 * mask.Length && (mask[ones / 8] & (0x80 >> (ones % 8))) != 0)
        {
            ones++;
        }

        // A masked port or protocol is none that we know any more.
        Load(
            expression.Number((ushort)FirewallBitwiseAttribute.Destination),
            loaded.Field == Field.Destination ? loaded with { PrefixLength = ones } : default);
    }

    private void TakeComparison(FirewallExpressionReader expression)
    {
        var slot = SlotOf(expression.Number((ushort)FirewallCompareAttribute.Source));
        var operation = expression.Number((ushort)FirewallCompareAttribute.Operator);
        var value = expression.Value((ushort)FirewallCompareAttribute.Data);
        if (slot < 0 || operation == NotEqual || value.IsEmpty)
        {
            return;
        }

        var loaded = _slots[slot];
        switch (loaded.Field)
        {
            case Field.Protocol when operation == 0:
                _protocol = value[0];
                break;
            case Field.Port when value.Length >= 2:
                int port = BinaryPrimitives.ReadUInt16BigEndian(value);
                _bounds = operation switch
                {
                    Less => (_bounds.First, port - 1),
                    LessOrEqual => (_bounds.First, port),
                    Greater => (port + 1, _bounds.Last),
                    GreaterOrEqual => (port, _bounds.Last),
                    _ => (port, port),
                };
                break;
            case Field.Destination when operation == 0:
                _destination = PrefixOf(value, loaded);
                break;
            default:
                break;
        }
    }

    private static IPNetwork? PrefixOf(ReadOnlySpan<byte> value, Loaded loaded)
    {
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        value[..Math.Min(value.Length, loaded.Bytes)].CopyTo(address);
        var length = Math.Min(loaded.PrefixLength, 8 * loaded.Bytes);
        for (var bit = length; bit < 8 * loaded.Bytes; bit++)
        {
            address[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(address[..loaded.Bytes]), length);
    }

    private void TakeRange(FirewallExpressionReader expression)
    {
        var slot = SlotOf(expression.Number((ushort)FirewallRangeAttribute.Source));
        var from = expression.Value((ushort)FirewallRangeAttribute.From);
        var to = expression.Value((ushort)FirewallRangeAttribute.To);
        if (slot >= 0 && _slots[slot].Field == Field.Port && from.Length >= 2 && to.Length >= 2
            && expression.Number((ushort)FirewallRangeAttribute.Operator) != NotEqual)
        {
            _bounds = (BinaryPrimitives.ReadUInt16BigEndian(from), BinaryPrimitives.ReadUInt16BigEndian(to));
        }
    }

    // The key of a concatenation lies in the registers from this one on.
    private void TakeLookup(FirewallExpressionReader expression)
    {
        var first = SlotOf(expression.Number((ushort)FirewallLookupAttribute.Source));
        var isInverted = (expression.Number((ushort)FirewallLookupAttribute.Flags) ?? 0) != 0;
        if (first < 0 || isInverted || expression.Number((ushort)FirewallLookupAttribute.Destination) == 0)
        {
            return; // a verdict map decides by itself
        }

        var (protocol, port, destination, bytes) = (-1, -1, -1, 0);
        for (var slot = first; slot < Slots && _slots[slot].Bytes > 0; slot += (_slots[slot].Bytes + 3) / 4)
        {
            var at = 4 * (slot - first);
            switch (_slots[slot].Field)
            {
                case Field.Protocol:
                    protocol = at;
                    break;
                case Field.Port:
                    port = at;
                    break;
                case Field.Destination when _slots[slot].PrefixLength == 8 * _slots[slot].Bytes:
                    (destination, bytes) = (at, _slots[slot].Bytes);
                    break;
                default:
                    break;
            }
        }

        if (port >= 0 || protocol >= 0 || destination >= 0)
        {
            _lookup = new ForeignNatLookup(expression.Text((ushort)FirewallLookupAttribute.Set), protocol, port, destination, bytes);
        }
    }

    // struct xt_tcp, struct xt_udp: source ports, destination ports, …; struct xt_multiport_v1. All in host order.
    private void TakeMatch(FirewallExpressionReader expression)
    {
        var content = expression.Raw((ushort)FirewallExtensionAttribute.Content);
        switch (expression.Text((ushort)FirewallExtensionAttribute.Name))
        {
            case "tcp" when content.Length >= 12 && (content[11] & InvertedDestination) == 0:
            case "udp" when content.Length >= 9 && (content[8] & InvertedDestination) == 0:
                _bounds = (BinaryPrimitives.ReadUInt16LittleEndian(content[4..]), BinaryPrimitives.ReadUInt16LittleEndian(content[6..]));
                break;
            case "multiport" when content.Length >= 48 && content[0] != 0 && content[47] == 0: // destination or either, not inverted
                _ports = MultiportOf(content);
                break;
            default:
                break;
        }
    }

    private static ImmutableArray<PortRange> MultiportOf(ReadOnlySpan<byte> content)
    {
        const int portsAt = 2;
        const int flagsAt = 32; // which ports begin a range that the next one ends
        const int portsMax = 15;
        var ports = ImmutableArray.CreateBuilder<PortRange>();
        var count = Math.Min((int)content[1], portsMax);
        for (var i = 0; i < count; i++)
        {
            var first = BinaryPrimitives.ReadUInt16LittleEndian(content[(portsAt + (2 * i))..]);
            var last = content[flagsAt + i] != 0 && i + 1 < count
                ? BinaryPrimitives.ReadUInt16LittleEndian(content[(portsAt + (2 * ++i))..])
                : first;
            if (RangeOf(first, last) is { } range)
            {
                ports.Add(range);
            }
        }

        return ports.ToImmutable();
    }

    private void Load(uint? register, Loaded loaded)
    {
        var slot = SlotOf(register);
        if (slot >= 0)
        {
            _slots[slot] = loaded;
        }
    }

    /// <summary>What a register holds.</summary>
    private readonly record struct Loaded(Field Field, int Bytes)
    {
        /// <summary>Bits of an address that are looked at.</summary>
        public int PrefixLength { get; init; }
    }
}

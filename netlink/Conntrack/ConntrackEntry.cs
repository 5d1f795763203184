namespace Networking.Netlink;

/// <summary>
/// One connection of a dump, as far as it takes to know and to delete it. It is a view of the message's bytes: reading a
/// table of a hundred thousand allocates nothing.
/// </summary>
internal readonly ref struct ConntrackEntry
{
    // Two IPv6 addresses, ports and a zone take less than half of it.
    private const int TupleBytesMax = 256;

    /// <summary>The bit of CTA_STATUS that says that the destination is rewritten: IPS_DST_NAT of nf_conntrack_common.h.</summary>
    public const uint DestinationNat = 1 << 5;

    /// <summary>AF_INET or AF_INET6.</summary>
    public byte Family { get; private init; }

    /// <summary>CTA_TUPLE_ORIG as it came: the first packet's addresses, protocol and ports; empty if there was none.</summary>
    public ReadOnlySpan<byte> Original { get; private init; }

    /// <summary>CTA_ID as it came; empty if there was none.</summary>
    public ReadOnlySpan<byte> Id { get; private init; }

    /// <summary>CTA_ZONE as it came; empty for the default zone.</summary>
    public ReadOnlySpan<byte> Zone { get; private init; }

    /// <summary>Whether packets of the first one's direction get another destination; false if not told.</summary>
    public bool IsTranslated { get; private init; }

    /// <summary>IANA protocol number; 0 if not told.</summary>
    public byte Protocol { get; private init; }

    /// <summary>Destination address of the first packet, 4 or 16 bytes; empty if not told.</summary>
    public ReadOnlySpan<byte> Destination { get; private init; }

    /// <summary>Destination port of the first packet; 0 where the protocol has none.</summary>
    public int DestinationPort { get; private init; }

    /// <summary>Reads what follows the message header.</summary>
    /// <exception cref="WireFormatException">The bytes are not ctnetlink's.</exception>
    public static ConntrackEntry Read(ReadOnlySpan<byte> body)
    {
        if (body.Length < NetfilterHeader.Bytes)
        {
            throw new WireFormatException(0, $"a connection of {body.Length} bytes");
        }

        ReadOnlySpan<byte> original = default, id = default, zone = default;
        var status = 0u;
        var attributes = new AttributeReader(body[NetfilterHeader.Bytes..]);
        while (attributes.MoveNext())
        {
            switch ((ConntrackAttribute)attributes.Type)
            {
                case ConntrackAttribute.Original:
                    original = Bounded(attributes.Value);
                    break;
                case ConntrackAttribute.Status:
                    status = attributes.GetUInt32BigEndian();
                    break;
                case ConntrackAttribute.Id:
                    id = Bounded(attributes.Value);
                    break;
                case ConntrackAttribute.Zone:
                    zone = Bounded(attributes.Value);
                    break;
                default:
                    break;
            }
        }

        ReadTuple(original, out var destination, out var protocol, out var port);
        return new ConntrackEntry
        {
            Family = body[0],
            Original = original,
            Id = id,
            Zone = zone,
            IsTranslated = (status & DestinationNat) != 0,
            Protocol = protocol,
            Destination = destination,
            DestinationPort = port,
        };
    }

    private static ReadOnlySpan<byte> Bounded(ReadOnlySpan<byte> value) => value.Length <= TupleBytesMax
        ? value
        : throw new WireFormatException(0, $"{value.Length} bytes where a tuple has at most {TupleBytesMax}");

    private static void ReadTuple(
        ReadOnlySpan<byte> tuple, out ReadOnlySpan<byte> destination, out byte protocol, out int port)
    {
        destination = default;
        (protocol, port) = (0, 0);
        var parts = new AttributeReader(tuple);
        while (parts.MoveNext())
        {
            var part = parts.Nested();
            switch ((ConntrackTupleAttribute)parts.Type)
            {
                case ConntrackTupleAttribute.Address:
                    while (part.MoveNext())
                    {
                        if ((ConntrackAddressAttribute)part.Type
                            is ConntrackAddressAttribute.Ipv4Destination or ConntrackAddressAttribute.Ipv6Destination)
                        {
                            destination = part.Value;
                        }
                    }

                    break;
                case ConntrackTupleAttribute.Protocol:
                    ReadProtocol(part, ref protocol, ref port);
                    break;
                default:
                    break;
            }
        }
    }

    private static void ReadProtocol(AttributeReader part, ref byte protocol, ref int port)
    {
        while (part.MoveNext())
        {
            switch ((ConntrackProtocolAttribute)part.Type)
            {
                case ConntrackProtocolAttribute.Number:
                    protocol = part.GetByte();
                    break;
                case ConntrackProtocolAttribute.DestinationPort:
                    port = part.GetUInt16BigEndian();
                    break;
                default:
                    break;
            }
        }
    }
}

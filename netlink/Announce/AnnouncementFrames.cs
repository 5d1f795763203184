using System.Buffers.Binary;
using System.Net;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Ethernet frames that tell a segment where an address lives now: every host that has an entry for the address, and
/// every switch on the way, learns the new place from one frame.
/// </summary>
internal static class AnnouncementFrames
{
    /// <summary>Length of a gratuitous ARP frame: Ethernet header and an ARP packet for IPv4 over Ethernet.</summary>
    public const int ArpBytes = 14 + 28;

    /// <summary>Length of an unsolicited neighbour advertisement: Ethernet, IPv6, ICMPv6 and the target's link-layer address.</summary>
    public const int AdvertisementBytes = 14 + 40 + AdvertisementPayloadBytes;

    private const int AdvertisementPayloadBytes = 24 + 8;
    private const ulong Broadcast = 0xffff_ffff_ffff;
    private const ulong AllNodesGroup = 0x3333_0000_0001; // ff02::1 by RFC 2464

    private static readonly IPAddress AllNodes = IPAddress.Parse("ff02::1");

    /// <summary>An ARP announcement (RFC 5227 2.3): a request in which sender and target are the address itself.</summary>
    public static void WriteArp(Span<byte> frame, MacAddress mac, IPAddress address)
    {
        frame = frame[..ArpBytes];
        frame.Clear();
        WriteEthernet(frame, Broadcast, mac, 0x0806);
        var arp = frame[14..];
        BinaryPrimitives.WriteUInt16BigEndian(arp, 1); // hardware: Ethernet
        BinaryPrimitives.WriteUInt16BigEndian(arp[2..], 0x0800); // protocol: IPv4
        arp[4] = 6;
        arp[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(arp[6..], 1); // request
        mac.CopyTo(arp[8..]);
        _ = address.TryWriteBytes(arp[14..], out _);
        _ = address.TryWriteBytes(arp[24..], out _); // the target's hardware address stays zero
    }

    /// <summary>An unsolicited neighbour advertisement (RFC 4861 7.2.6) to all nodes, with the override flag.</summary>
    public static void WriteAdvertisement(Span<byte> frame, MacAddress mac, IPAddress address)
    {
        frame = frame[..AdvertisementBytes];
        frame.Clear();
        WriteEthernet(frame, AllNodesGroup, mac, 0x86dd);
        var ip = frame[14..];
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], AdvertisementPayloadBytes);
        ip[6] = 58; // ICMPv6
        ip[7] = 255; // receivers drop anything less (RFC 4861 7.1.2)
        _ = address.TryWriteBytes(ip[8..], out _);
        _ = AllNodes.TryWriteBytes(ip[24..], out _);
        var icmp = ip[40..];
        icmp[0] = 136; // neighbour advertisement
        icmp[4] = 0x20; // override: replace what is cached
        _ = address.TryWriteBytes(icmp[8..], out _);
        icmp[24] = 2; // option: target link-layer address
        icmp[25] = 1; // in units of eight bytes
        mac.CopyTo(icmp[26..]);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Checksum(ip, icmp));
    }

    private static void WriteEthernet(Span<byte> frame, ulong destination, MacAddress source, ushort type)
    {
        new MacAddress(destination).CopyTo(frame);
        source.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], type);
    }

    /// <summary>The ICMPv6 checksum: over a pseudo header of both addresses, length and protocol, then the message.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> ip, ReadOnlySpan<byte> icmp)
    {
        var sum = (uint)icmp.Length + 58;
        sum += Sum(ip[8..40]) + Sum(icmp);
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        return sum;
    }
}

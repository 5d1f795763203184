using System.Net;
using System.Runtime.InteropServices;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>A neighbour or forwarding entry as the kernel tells it.</summary>
/// <param name="Family">Address family; the bridge family for a forwarding entry.</param>
/// <param name="LinkIndex">The device.</param>
/// <param name="State">NUD_* bits.</param>
/// <param name="Flags">NTF_* bits.</param>
/// <param name="Destination">The neighbour's address, or the remote tunnel end point.</param>
/// <param name="Mac">Hardware address.</param>
/// <param name="Protocol">NDA_PROTOCOL; zero if none.</param>
internal sealed record NeighborMessage(
    byte Family, int LinkIndex, ushort State, byte Flags, IPAddress? Destination, MacAddress Mac, byte Protocol)
{
    /// <summary>NUD_PERMANENT: never ages.</summary>
    public bool IsPermanent => (State & 0x80) != 0;

    /// <summary>NUD_NOARP: what <c>bridge fdb add … static</c> makes.</summary>
    public bool IsStatic => (State & 0x40) != 0;

    /// <summary>Reads a message.</summary>
    public static NeighborMessage Read(ReadOnlySpan<byte> body)
    {
        if (!MemoryMarshal.TryRead<NeighborHeader>(body, out var header))
        {
            throw new WireFormatException(0, $"a neighbour message of {body.Length} bytes");
        }

        IPAddress? destination = null;
        var mac = default(MacAddress);
        byte protocol = 0;
        var reader = new AttributeReader(body[Marshal.SizeOf<NeighborHeader>()..]);
        while (reader.MoveNext())
        {
            switch (reader.Type)
            {
                case NeighborAttribute.Destination:
                    destination = reader.GetAddress();
                    break;
                case NeighborAttribute.HardwareAddress:
                    mac = reader.GetMac();
                    break;
                case NeighborAttribute.Protocol:
                    protocol = reader.GetByte();
                    break;
            }
        }

        return new NeighborMessage(header.Family, header.Index, header.State, header.Flags, destination, mac, protocol);
    }
}

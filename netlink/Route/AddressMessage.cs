using System.Net;
using System.Runtime.InteropServices;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>An address as the kernel tells it.</summary>
/// <param name="LinkIndex">Its interface.</param>
/// <param name="Address">The address and its prefix.</param>
/// <param name="Protocol">IFA_PROTO; zero if none.</param>
internal sealed record AddressMessage(int LinkIndex, InterfaceAddress Address, byte Protocol)
{
    /// <summary>Reads a message; null if it carries no address.</summary>
    public static AddressMessage? Read(ReadOnlySpan<byte> body)
    {
        if (!MemoryMarshal.TryRead<AddressHeader>(body, out var header))
        {
            throw new WireFormatException(0, $"an address message of {body.Length} bytes");
        }

        IPAddress? local = null;
        IPAddress? address = null;
        byte protocol = 0;
        var reader = new AttributeReader(body[Marshal.SizeOf<AddressHeader>()..]);
        while (reader.MoveNext())
        {
            switch (reader.Type)
            {
                case AddressAttribute.Local:
                    local = reader.GetAddress();
                    break;
                case AddressAttribute.Address:
                    address = reader.GetAddress();
                    break;
                case AddressAttribute.Protocol:
                    protocol = reader.GetByte();
                    break;
            }
        }

        // With a point-to-point peer IFA_ADDRESS is the peer and IFA_LOCAL is ours.
        var own = local ?? address;
        if (own is null)
        {
            return null;
        }

        return header.PrefixLength <= Prefix.BitsOf(own)
            ? new AddressMessage(header.Index, new InterfaceAddress(own, header.PrefixLength), protocol)
            : throw new WireFormatException(1, $"a prefix of {header.PrefixLength} bits");
    }
}

using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Writes address messages.</summary>
internal static class AddressEncoder
{
    private const byte NoDuplicateDetection = 0x02; // IFA_F_NODAD
    private const byte HostScope = 254; // RT_SCOPE_HOST

    /// <summary>Adds an address with our mark; an IPv6 address is usable at once, since addresses are granted, not guessed.</summary>
    public static void Add(ref NetlinkWriter writer, InterfaceAddress address, int linkIndex, bool replace)
    {
        var flags = NetlinkFlags.Request | NetlinkFlags.Ack | NetlinkFlags.Create | (replace ? NetlinkFlags.Replace : NetlinkFlags.Exclusive);
        var message = Begin(ref writer, RouteMessageType.NewAddress, flags, address, linkIndex);
        if (!address.IsIpv6 && address.PrefixLength < 31)
        {
            writer.PutUInt32BigEndian(AddressAttribute.Broadcast, BroadcastOf(address));
        }

        writer.PutByte(AddressAttribute.Protocol, Ownership.AddressProtocol);
        writer.EndMessage(message);
    }

    /// <summary>Deletes an address.</summary>
    public static void Delete(ref NetlinkWriter writer, InterfaceAddress address, int linkIndex)
    {
        var message = Begin(ref writer, RouteMessageType.DeleteAddress, NetlinkFlags.Request | NetlinkFlags.Ack, address, linkIndex);
        writer.EndMessage(message);
    }

    /// <summary>Asks for all addresses of a family, of one link or (zero) of all.</summary>
    public static void Dump(ref NetlinkWriter writer, byte family, int linkIndex)
    {
        var message = writer.BeginMessage(RouteMessageType.GetAddress, NetlinkFlags.Request | NetlinkFlags.Dump, 0);
        writer.PutHeader(new AddressHeader { Family = family, Index = linkIndex });
        writer.EndMessage(message);
    }

    private static WriterMark Begin(ref NetlinkWriter writer, ushort type, NetlinkFlags flags, InterfaceAddress address, int linkIndex)
    {
        var message = writer.BeginMessage(type, flags, 0);
        writer.PutHeader(new AddressHeader
        {
            Family = address.IsIpv6 ? WireFamily.Inet6 : WireFamily.Inet,
            PrefixLength = (byte)address.PrefixLength,
            Flags = address.IsIpv6 && type == RouteMessageType.NewAddress ? NoDuplicateDetection : (byte)0,
            Scope = !address.IsIpv6 && System.Net.IPAddress.IsLoopback(address.Address) ? HostScope : (byte)0,
            Index = linkIndex,
        });
        writer.PutAddress(AddressAttribute.Local, address.Address);
        writer.PutAddress(AddressAttribute.Address, address.Address);
        return message;
    }

    private static uint BroadcastOf(InterfaceAddress address) =>
        (uint)Prefix.ToNumber(address.Address) | (uint.MaxValue >> address.PrefixLength);
}

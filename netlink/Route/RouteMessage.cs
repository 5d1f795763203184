using System.Net;
using System.Runtime.InteropServices;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>A unicast route as the kernel tells it.</summary>
/// <param name="Destination">Where to.</param>
/// <param name="LinkIndex">The interface; of a multipath route that of its first way.</param>
/// <param name="Gateway">Next hop; null for on-link.</param>
/// <param name="Metric">Priority.</param>
/// <param name="Table">Table.</param>
/// <param name="Protocol">Who made it.</param>
internal sealed record RouteMessage(
    IPNetwork Destination, int LinkIndex, IPAddress? Gateway, int Metric, int Table, byte Protocol)
{
    private const byte Unicast = 1; // RTN_UNICAST
    private const uint Cloned = 0x200; // RTM_F_CLONED
    private const int NextHopBytes = 8; // struct rtnexthop

    /// <summary>Reads a message; null if it is no unicast route or a cache entry.</summary>
    public static RouteMessage? Read(ReadOnlySpan<byte> body)
    {
        if (!MemoryMarshal.TryRead<RouteHeader>(body, out var header))
        {
            throw new WireFormatException(0, $"a route message of {body.Length} bytes");
        }

        if (header.Type != Unicast || (header.Flags & Cloned) != 0 || header.Family is not (WireFamily.Inet or WireFamily.Inet6))
        {
            return null;
        }

        var values = new Values { Table = header.Table };
        values.Read(body[Marshal.SizeOf<RouteHeader>()..]);
        var address = values.Destination ?? (header.Family == WireFamily.Inet6 ? IPAddress.IPv6Any : IPAddress.Any);
        return header.DestinationLength <= Prefix.BitsOf(address)
            ? new RouteMessage(
                Prefix.Mask(address, header.DestinationLength), values.LinkIndex, values.Gateway, values.Metric, values.Table, header.Protocol)
            : throw new WireFormatException(1, $"a prefix of {header.DestinationLength} bits");
    }

    /// <summary>The route as an object of a namespace.</summary>
    public RouteState ToState(NetNs ns, string link) =>
        new() { Namespace = ns, Destination = Destination, Link = link, Gateway = Gateway, Metric = Metric, Table = Table };

    private struct Values
    {
        public IPAddress? Destination;
        public IPAddress? Gateway;
        public int LinkIndex;
        public int Metric;
        public int Table;

        public void Read(ReadOnlySpan<byte> attributes)
        {
            var reader = new AttributeReader(attributes);
            while (reader.MoveNext())
            {
                switch (reader.Type)
                {
                    case RouteAttribute.Destination:
                        Destination = reader.GetAddress();
                        break;
                    case RouteAttribute.OutLink:
                        LinkIndex = reader.GetInt32();
                        break;
                    case RouteAttribute.Gateway:
                        Gateway = reader.GetAddress();
                        break;
                    case RouteAttribute.Priority:
                        Metric = reader.GetInt32();
                        break;
                    case RouteAttribute.Table:
                        Table = reader.GetInt32();
                        break;
                    case RouteAttribute.MultiPath:
                        ReadFirstHop(reader.Value);
                        break;
                }
            }
        }

        private void ReadFirstHop(ReadOnlySpan<byte> hops)
        {
            if (hops.Length < NextHopBytes)
            {
                throw new WireFormatException(0, $"a next hop of {hops.Length} bytes");
            }

            var length = MemoryMarshal.Read<ushort>(hops);
            if (length < NextHopBytes || length > hops.Length)
            {
                throw new WireFormatException(0, $"a next hop of {length} bytes with {hops.Length} left");
            }

            LinkIndex = MemoryMarshal.Read<int>(hops[4..]); // rtnh_ifindex
            var reader = new AttributeReader(hops[NextHopBytes..length]);
            while (reader.MoveNext())
            {
                if (reader.Type == RouteAttribute.Gateway)
                {
                    Gateway = reader.GetAddress();
                }
            }
        }
    }
}

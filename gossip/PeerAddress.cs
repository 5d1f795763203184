using System.Buffers.Binary;
using System.Net;

namespace Networking.Gossip;

/// <summary>
/// A socket address as a small value: a node knows thousands, and compares them for each packet. IPv4 is kept mapped, as
/// ::ffff:192.0.2.1. The shell and people see <see cref="IPEndPoint"/>.
/// </summary>
/// <param name="High">The first eight bytes of the address, as a number.</param>
/// <param name="Low">The last eight.</param>
/// <param name="Port">The port; 0 only in <c>default</c>, which means "none".</param>
public readonly record struct PeerAddress(ulong High, ulong Low, ushort Port)
{
    /// <summary>True for no address.</summary>
    public bool IsNone => Port == 0;

    /// <summary>The value of a socket address.</summary>
    public static PeerAddress From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Span<byte> bytes = stackalloc byte[16];
        _ = endPoint.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new PeerAddress(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), (ushort)endPoint.Port);
    }

    /// <summary>The value of a socket address as the kernel gives it.</summary>
    internal static PeerAddress From(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return address.Family == System.Net.Sockets.AddressFamily.InterNetwork
            ? new PeerAddress(0, 0xffff_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port)
            : new PeerAddress(BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), port);
    }

    /// <summary>The socket address: IPv4 again, if it was.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        var address = new IPAddress(bytes);
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, Port);
    }

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "nowhere" : ToEndPoint().ToString();

    /// <summary>The address without the port: what is named once a source is not named again for each connection.</summary>
    internal string Host => ToEndPoint().Address.ToString();

    internal bool IsHostOf(PeerAddress other) => High == other.High && Low == other.Low;

    internal bool IsIpv4 => High == 0 && Low >> 32 == 0xffff;
}

using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink.Tests;

/// <summary>Connections as the kernel tells of them, and the requests beside those of conntrack-tools.</summary>
public sealed class ConntrackTests
{
    private const int Header = 16;
    private const int FamilyHeader = 4;

    [Fact]
    public void Connections_are_read_by_the_first_packet()
    {
        var read = Capture.Dump("conntracks").ConvertAll(static m =>
        {
            var entry = ConntrackEntry.Read(m.AsSpan(Header));
            return $"{entry.Family} {entry.Protocol} {new IPAddress(entry.Destination)} {entry.DestinationPort} id {entry.Id.Length} zone {entry.Zone.Length}";
        });

        Assert.Equal(["2 17 127.0.0.2 5301 id 4 zone 0", "2 17 127.0.0.2 5300 id 4 zone 0", "10 17 ::1 5300 id 4 zone 0"], read);
    }

    [Fact]
    public void Connection_tells_whether_its_destination_is_rewritten()
    {
        var message = Capture.Dump("conntracks")[0];
        var status = message.AsSpan().IndexOf((ReadOnlySpan<byte>)[8, 0, 3, 0, 0, 0, 0, 8]); // CTA_STATUS: IPS_CONFIRMED
        Assert.False(ConntrackEntry.Read(message.AsSpan(Header)).IsTranslated);

        message[status + 7] |= 1 << 5; // IPS_DST_NAT

        Assert.True(ConntrackEntry.Read(message.AsSpan(Header)).IsTranslated);
    }

    [Fact]
    public void Connection_is_named_like_conntrack_names_it()
    {
        var entry = Capture.Dump("conntracks").Single(static m => ConntrackEntry.Read(m.AsSpan(Header)) is { Family: 2, DestinationPort: 5300 });
        var bytes = new byte[256];
        var writer = new NetlinkWriter(bytes);
        ConntrackEncoder.Delete(ref writer, ConntrackEntry.Read(entry.AsSpan(Header)));

        var ours = bytes.AsSpan(0, writer.Position);
        var theirs = Capture.Request("conntrackdel");

        // conntrack adds what it knows besides and leaves the id out; the kernel looks the first tuple up.
        Assert.Equal(theirs.AsSpan(4, Header), ours.Slice(4, Header));
        Assert.Equal(Original(theirs), Original(ours));
        Assert.Equal(ConntrackEntry.Read(entry.AsSpan(Header)).Id, ConntrackEntry.Read(ours[Header..]).Id);
    }

    [Theory]
    [InlineData(null, 53, 53, 0x28u)]
    [InlineData("192.0.2.1", 53, 53, 0x2au)]
    [InlineData("2001:db8::1", 53, 60, 0x08u)]
    [InlineData(null, 53, 60, 0x08u)]
    public void Kernel_is_asked_for_no_more_than_it_must_tell(string? address, int first, int last, uint flags)
    {
        var flush = new ConntrackFlushTransition
        {
            Namespace = NetNs.Host,
            IsIpv6 = address?.Contains(':', StringComparison.Ordinal) == true,
            Address = address is null ? null : IPAddress.Parse(address),
            Ports = new PortRange(first, last),
        };
        Span<byte> bytes = stackalloc byte[256];
        var writer = new NetlinkWriter(bytes);

        ConntrackEncoder.Dump(ref writer, flush);

        var asked = ConntrackEntry.Read(bytes[Header..writer.Position]);
        Assert.Equal(flush.IsIpv6 ? 10 : 2, asked.Family);
        Assert.Equal(17, asked.Protocol);
        Assert.Equal(flush.IsIpv6 ? null : address, asked.Destination.IsEmpty ? null : new IPAddress(asked.Destination).ToString());
        Assert.Equal(first == last ? first : 0, asked.DestinationPort);
        Assert.Equal(flags, FilterFlags(bytes[Header..writer.Position]));
    }

    [Fact]
    public void Reading_a_connection_allocates_nothing()
    {
        var message = Capture.Dump("conntracks")[2];
        _ = ConntrackEntry.Read(message.AsSpan(Header));
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1_000; i++)
        {
            _ = ConntrackEntry.Read(message.AsSpan(Header));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static byte[] Original(ReadOnlySpan<byte> message)
    {
        var attributes = new AttributeReader(message[(Header + FamilyHeader)..]);
        Assert.True(attributes.MoveNext());
        Assert.Equal((ushort)ConntrackAttribute.Original, attributes.Type);
        return attributes.Value.ToArray();
    }

    private static uint FilterFlags(ReadOnlySpan<byte> body)
    {
        var attributes = new AttributeReader(body[FamilyHeader..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == (ushort)ConntrackAttribute.Filter)
            {
                var flags = attributes.Nested();
                Assert.True(flags.MoveNext());
                return flags.GetUInt32();
            }
        }

        return 0;
    }
}

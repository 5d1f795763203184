using System.Net;

namespace Networking.Dns.Tests;

/// <summary>Our bytes are dnspython's, byte for byte.</summary>
public sealed class WriterTests
{
    private const ushort Local = DnsHeader.Response | DnsHeader.Authoritative | DnsHeader.RecursionDesired | DnsHeader.RecursionAvailable;
    private const ushort Id = 0x1234;

    [Fact]
    public void Addresses_and_EDNS()
    {
        var writer = Begin("web.app", RecordType.A, out var bytes);
        Address(ref writer, RecordSection.Answer, "web.app", "10.20.0.3");
        Address(ref writer, RecordSection.Answer, "web.app", "10.20.0.2");
        writer.PutEdns(ResponseCode.NoError, wantsSignatures: false);

        Same("dnspython-addresses", bytes, writer.Finish(Id, Local, ResponseCode.NoError));
    }

    [Fact]
    public void An_IPv6_address()
    {
        var writer = Begin("web.app", RecordType.Aaaa, out var bytes);
        Address(ref writer, RecordSection.Answer, "web.app", "fd00:20::2");

        Same("dnspython-aaaa", bytes, writer.Finish(Id, Local, ResponseCode.NoError));
    }

    [Fact]
    public void A_service_with_its_host_not_compressed_and_the_hosts_address()
    {
        var writer = Begin("_80._tcp.web", RecordType.Srv, out var bytes);
        var record = writer.BeginRecord(RecordSection.Answer, Wire.Name("_80._tcp.web"), RecordType.Srv, 5);
        writer.PutService(0, 0, 80, Wire.Name("web.app"));
        Assert.True(writer.EndRecord(record));
        Address(ref writer, RecordSection.Additional, "web.app", "10.20.0.2");

        Same("dnspython-srv", bytes, writer.Finish(Id, Local, ResponseCode.NoError));
    }

    [Fact]
    public void A_name_for_an_address()
    {
        var writer = Begin("2.0.20.10.in-addr.arpa", RecordType.Ptr, out var bytes);
        var record = writer.BeginRecord(RecordSection.Answer, Wire.Name("2.0.20.10.in-addr.arpa"), RecordType.Ptr, 5);
        writer.PutName(Wire.Name("web.app"));
        Assert.True(writer.EndRecord(record));

        Same("dnspython-ptr", bytes, writer.Finish(Id, Local, ResponseCode.NoError));
    }

    [Fact]
    public void Text()
    {
        var writer = Begin("web.app", RecordType.Txt, out var bytes);
        var record = writer.BeginRecord(RecordSection.Answer, Wire.Name("web.app"), RecordType.Txt, 5);
        writer.PutText("hello"u8);
        writer.PutText("world"u8);
        Assert.True(writer.EndRecord(record));

        Same("dnspython-txt", bytes, writer.Finish(Id, Local, ResponseCode.NoError));
    }

    [Fact]
    public void An_alias_and_its_address_share_their_zone()
    {
        var writer = Begin("www.example.com", RecordType.A, out var bytes);
        var record = writer.BeginRecord(RecordSection.Answer, Wire.Name("www.example.com"), RecordType.Cname, 300);
        writer.PutName(Wire.Name("web.example.com"));
        Assert.True(writer.EndRecord(record));
        Address(ref writer, RecordSection.Answer, "web.example.com", "192.0.2.1", ttl: 60);
        writer.PutEdns(ResponseCode.NoError, wantsSignatures: true);

        Same("dnspython-cname", bytes, writer.Finish(Id, Local & ~DnsHeader.Authoritative, ResponseCode.NoError));
    }

    [Fact]
    public void A_negative_answer_with_its_authority()
    {
        var writer = Begin("nothing.example.com", RecordType.A, out var bytes);
        var record = writer.BeginRecord(RecordSection.Authority, Wire.Name("example.com"), RecordType.Soa, 3600);
        writer.PutAuthority(Wire.Name("ns.example.com"), Wire.Name("root.example.com"), serial: 7, negativeTtl: 300);
        Assert.True(writer.EndRecord(record));
        var length = writer.Finish(Id, Local & ~DnsHeader.Authoritative, ResponseCode.NameError);

        // The golden has four times of its own before the last.
        Assert.Equal(Golden.Read("dnspython-nxdomain")[..^16], bytes[..(length - 16)]);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(512)]
    public void What_does_not_fit_is_left_out_whole_and_said(int longest)
    {
        var bytes = new byte[longest];
        var writer = new DnsWriter(bytes);
        writer.PutQuestion(Wire.Name("web.app"), RecordType.A);
        for (var i = 0; i < 100; i++)
        {
            var record = writer.BeginRecord(RecordSection.Answer, Wire.Name("web.app"), RecordType.A, 5);
            writer.PutAddress(new IPAddress(0x0100000a + i));
            _ = writer.EndRecord(record);
        }

        var message = bytes[..writer.Finish(Id, Local, ResponseCode.NoError)];

        Assert.Equal(DnsFault.None, DnsQuery.TryReadResponse(message, out var read));
        Assert.True(read.Header.IsTruncated);
        Assert.Equal((longest - 25) / 16, read.Header.Answers); // header and question take 25, an answer behind a pointer 16
        Assert.Equal(25 + (16 * read.Header.Answers), message.Length);
    }

    [Fact]
    public void A_name_that_was_taken_back_is_never_pointed_to()
    {
        var bytes = new byte[60];
        var writer = new DnsWriter(bytes);
        writer.PutQuestion(Wire.Name("a"), RecordType.A);
        var tooLong = writer.BeginRecord(RecordSection.Answer, Wire.Name("very.long.name.indeed"), RecordType.Txt, 5);
        writer.PutText("does not fit at all"u8);
        Assert.False(writer.EndRecord(tooLong));
        var record = writer.BeginRecord(RecordSection.Answer, Wire.Name("name.indeed"), RecordType.A, 5);
        writer.PutAddress(IPAddress.Loopback);
        Assert.True(writer.EndRecord(record));
        var message = bytes[..writer.Finish(Id, Local, ResponseCode.NoError)];

        _ = DnsQuery.TryReadResponse(message, out var query);
        var reader = new RecordReader(message, query.Header, query.QuestionEnd);
        Assert.True(reader.MoveNext());
        var name = new byte[NameWire.BytesMax];
        Assert.Equal("name.indeed", NameText.Of(name.AsSpan(0, reader.ReadName(name))));
    }

    private static DnsWriter Begin(string name, RecordType type, out byte[] bytes)
    {
        bytes = new byte[512];
        var writer = new DnsWriter(bytes);
        writer.PutQuestion(Wire.Name(name), type);
        return writer;
    }

    private static void Address(ref DnsWriter writer, RecordSection section, string name, string address, uint ttl = 5)
    {
        var parsed = IPAddress.Parse(address);
        var type = parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? RecordType.Aaaa : RecordType.A;
        var record = writer.BeginRecord(section, Wire.Name(name), type, ttl);
        writer.PutAddress(parsed);
        Assert.True(writer.EndRecord(record));
    }

    private static void Same(string golden, byte[] bytes, int length) =>
        Assert.Equal(Convert.ToHexString(Golden.Read(golden)), Convert.ToHexString(bytes.AsSpan(0, length)));
}

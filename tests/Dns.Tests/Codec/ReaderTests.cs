using System.Net;

namespace Networking.Dns.Tests;

/// <summary>Reading what dig and dnspython wrote.</summary>
public sealed class ReaderTests
{
    [Theory]
    [InlineData("dig-plain", "web.app", RecordType.A, 512, false)]
    [InlineData("dig-edns", "WEB.app", RecordType.Aaaa, 1400, true)]
    [InlineData("dig-cookie", "_http._tcp.web", RecordType.Srv, 1232, false)]
    [InlineData("dig-reverse", "2.0.20.10.in-addr.arpa", RecordType.Ptr, 512, false)]
    [InlineData("dig-escaped", @"a\.b\032c.app", RecordType.Txt, 512, false)]
    public void A_query_of_dig_is_read(string golden, string name, RecordType type, int payload, bool wantsSignatures)
    {
        Assert.Equal(DnsFault.None, DnsQuery.TryRead(Golden.Read(golden), out var query));

        Assert.Equal(name, NameText.Of(query.Name));
        Assert.Equal((type, DnsQuery.Internet), (query.Type, query.Class));
        Assert.Equal(payload, query.PayloadMax);
        Assert.Equal(wantsSignatures, query.Edns?.WantsSignatures ?? false);
    }

    [Fact]
    public void An_address_asked_backwards_is_known_again()
    {
        _ = DnsQuery.TryRead(Golden.Read("dig-reverse6"), out var six);
        _ = DnsQuery.TryRead(Golden.Read("dig-reverse"), out var four);

        Assert.Equal(IPAddress.Parse("fd00:20::2"), ReverseName.Address(six.Name));
        Assert.Equal(IPAddress.Parse("10.20.0.2"), ReverseName.Address(four.Name));
    }

    [Fact]
    public void A_class_of_its_own_is_kept()
    {
        Assert.Equal(DnsFault.None, DnsQuery.TryRead(Golden.Read("dig-chaos"), out var query));
        Assert.Equal(3, query.Class);
    }

    [Fact]
    public void Addresses_behind_compressed_names_are_read()
    {
        var (records, edns) = Records("dnspython-cname");

        Assert.Equal(["Answer www.example.com Cname 300 → web.example.com", "Answer web.example.com A 60 192.0.2.1"], records);
        Assert.True(edns is { WantsSignatures: true, Payload: 1232 });
    }

    [Fact]
    public void Services_and_their_hosts_are_read() => Assert.Equal(
        ["Answer _80._tcp.web Srv 5 0 0 80 web.app", "Additional web.app A 5 10.20.0.2"], Records("dnspython-srv").Records);

    [Fact]
    public void A_referral_is_read() => Assert.Equal(
        ["Authority example.com Ns 3600 → ns2.example.com", "Authority example.com Ns 3600 → ns1.example.com", "Additional ns1.example.com A 3600 192.0.2.53"],
        Records("dnspython-referral").Records);

    [Fact]
    public void A_negative_answer_says_how_long_it_holds() =>
        Assert.Equal(["Authority example.com Soa 3600 negative 300"], Records("dnspython-nxdomain").Records);

    [Fact]
    public void A_name_for_an_address_is_read() =>
        Assert.Equal(["Answer 2.0.20.10.in-addr.arpa Ptr 5 → web.app"], Records("dnspython-ptr").Records);

    [Theory]
    [InlineData(0, DnsFault.TooShort)]
    [InlineData(11, DnsFault.TooShort)]
    [InlineData(12, DnsFault.BadName)]
    [InlineData(20, DnsFault.BadName)]
    [InlineData(21, DnsFault.CutShort)]
    [InlineData(24, DnsFault.CutShort)]
    public void A_query_that_is_cut_says_where(int length, DnsFault fault) =>
        Assert.Equal(fault, DnsQuery.TryRead(Golden.Read("dig-plain").AsSpan(0, length), out _));

    [Theory]
    [InlineData(2, 0x80, DnsFault.WrongDirection)]
    [InlineData(2, 0x28, DnsFault.UnknownOperation)] // UPDATE
    [InlineData(5, 0x02, DnsFault.QuestionCount)]
    [InlineData(5, 0x00, DnsFault.QuestionCount)]
    [InlineData(7, 0x01, DnsFault.BadName)] // an answer that is not there
    public void A_query_that_is_none_says_why(int at, byte value, DnsFault fault)
    {
        var bytes = Golden.Read("dig-plain");
        bytes[at] = value;

        Assert.Equal(fault, DnsQuery.TryRead(bytes, out _));
    }

    [Fact]
    public void Two_OPT_records_are_one_too_many()
    {
        var bytes = Golden.Read("dig-edns").ToList();
        bytes.AddRange(bytes[^11..]);
        bytes[11] = 2;

        Assert.Equal(DnsFault.BadEdns, DnsQuery.TryRead(bytes.ToArray(), out _));
    }

    private static (string[] Records, EdnsOptions? Edns) Records(string golden)
    {
        var message = Golden.Read(golden);
        Assert.Equal(DnsFault.None, DnsQuery.TryReadResponse(message, out var query));
        var records = new List<string>();
        var reader = new RecordReader(message, query.Header, query.QuestionEnd);
        while (reader.MoveNext())
        {
            if (reader.Type != RecordType.Opt)
            {
                records.Add(Describe(reader));
            }
        }

        return ([.. records], query.Edns);
    }

    private static string Describe(RecordReader reader)
    {
        var name = new byte[NameWire.BytesMax];
        var owner = NameText.Of(name.AsSpan(0, reader.ReadName(name)));
        var service = reader.ReadService(out var priority, out var weight, out var port, name);
        var data = reader switch
        {
            _ when reader.ReadAddress() is { } address => address.ToString(),
            _ when service > 0 => $"{priority} {weight} {port} {NameText.Of(name.AsSpan(0, service))}",
            _ when reader.ReadNegativeTtl() is { } ttl => $"negative {ttl}",
            _ => $"→ {NameText.Of(name.AsSpan(0, reader.ReadTarget(name)))}",
        };
        return $"{reader.Section} {owner} {reader.Type} {reader.Ttl} {data}";
    }
}

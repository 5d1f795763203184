using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Networking.Model;
using Networking.Netd.Requests;

namespace Networking.Netd.Tests;

/// <summary>What <c>--publish</c> takes, what it refuses, and in which words.</summary>
public sealed class PublishReaderTests
{
    [Theory]
    [InlineData("80", "80/tcp")]
    [InlineData("80/UDP", "80/udp")]
    [InlineData("8000-8010", "8000-8010/tcp")]
    [InlineData("8080:80", "8080:80/tcp")]
    [InlineData("8080-8080:80", "8080:80/tcp")]
    [InlineData("8080:80/sctp", "8080:80/sctp")]
    [InlineData("8000-8010:80", "8000-8010:80/tcp")]
    [InlineData("8000-8001:80-81/udp", "8000-8001:80-81/udp")]
    [InlineData("127.0.0.1:8080:80", "127.0.0.1:8080:80/tcp")]
    [InlineData("0.0.0.0:8080:80", "0.0.0.0:8080:80/tcp")]
    [InlineData("127.0.0.1::80", "127.0.0.1::80/tcp")]
    [InlineData("[::1]:8080:80", "[::1]:8080:80/tcp")]
    [InlineData("[::1]::80/udp", "[::1]::80/udp")]
    [InlineData("[::]:65535:1", "[::]:65535:1/tcp")]
    [InlineData("[2001:DB8:0::1]:80:80", "[2001:db8::1]:80:80/tcp")]
    [InlineData("target=80", "80/tcp")]
    [InlineData("target=80,published=8080", "8080:80/tcp")]
    [InlineData("published=8080,target=80,protocol=UDP,mode=Host,ip=::1", "[::1]:8080:80/udp")]
    [InlineData("target=80,host_ip=127.0.0.1", "127.0.0.1::80/tcp")]
    [InlineData("target=80-81,published=90-91,expose=Lan", "published=90-91,target=80-81,protocol=tcp,expose=lan")]
    [InlineData("target=80,ip=10.0.0.1,expose=world", "target=80,protocol=tcp,ip=10.0.0.1,expose=world")]
    [InlineData("target=80,expose=loopback", "target=80,protocol=tcp,expose=loopback")]
    public void A_text_is_read(string text, string expected)
    {
        var problems = new List<Problem>();

        var spec = Assert.Single(PublishReader.Read([text], expose: null, problems));

        Assert.Empty(problems);
        Assert.Equal(expected, spec.ToString());
    }

    [Theory]
    [InlineData("", "publish.port", "'': it has no port in the sandbox (write host:target, such as 8080:80)")]
    [InlineData("0", "publish.port", "'0': '0' is not a port: ports are 1 to 65535")]
    [InlineData("65536", "publish.port", "ports are 1 to 65535")]
    [InlineData("99999999999", "publish.port", "'99999999999' is not a port")]
    [InlineData("0:80", "publish.port", "'0' is not a port")]
    [InlineData("80:65536", "publish.port", "'65536' is not a port")]
    [InlineData("-80", "publish.port", "'' is not a port")]
    [InlineData("+80", "publish.port", "'+80' is not a port")]
    [InlineData(" 80", "publish.port", "' 80' is not a port")]
    [InlineData("80-70", "publish.port", "'80-70' runs backwards; did you mean 70-80?")]
    [InlineData("1-2-3", "publish.port", "'2-3' is not a port")]
    [InlineData("http", "publish.port", "'http' is not a port")]
    [InlineData("8080:", "publish.port", "it has no port in the sandbox")]
    [InlineData(":80", "publish.port", "write 80 for any free one")]
    [InlineData("::80", "publish.address", "write 80 for any free port of the host")]
    [InlineData(":8080:80", "publish.address", "write 8080:80 for all of the host's")]
    [InlineData("127.0.0.1:80", "publish.port", "write 127.0.0.1::80 for any free one of that address")]
    [InlineData("[::1]:80", "publish.port", "write [::1]::80 for any free one of that address")]
    [InlineData("[::1]", "publish.port", "the address is not followed by :host:target")]
    [InlineData("[::1]80:80", "publish.port", "the address is not followed by :host:target")]
    [InlineData("[::1:80:80", "publish.address", "the bracket is not closed")]
    [InlineData("[127.0.0.1]:80:80", "publish.address", "'127.0.0.1' in brackets is not an IPv6 address")]
    [InlineData("::1:8080:80", "publish.address", "write IPv6 addresses in brackets")]
    [InlineData("localhost:8080:80", "publish.address", "'localhost' is not an IP address (the host's side is one of its addresses, not a name")]
    [InlineData("10.1:8080:80", "publish.address", "did you mean 10.0.0.1?")]
    [InlineData("[fe80::1%eth0]:80:80", "publish.address", "has a zone")]
    [InlineData("[fe80::1]:80:80", "publish.address", "fe80::1 is link-local")]
    [InlineData("[::ffff:1.2.3.4]:80:80", "publish.address", "write 1.2.3.4")]
    [InlineData("224.0.0.1:80:80", "publish.address", "224.0.0.1 is a multicast address")]
    [InlineData("[ff02::1]:80:80", "publish.address", "ff02::1 is a multicast address")]
    [InlineData("255.255.255.255:80:80", "publish.address", "255.255.255.255 is the broadcast address")]
    [InlineData("80/icmp", "publish.protocol", "'icmp' is not a protocol whose ports can be published (write tcp, udp or sctp)")]
    [InlineData("80/", "publish.protocol", "'' is not a protocol")]
    [InlineData("80/tcp/udp", "publish.port", "'80/tcp' is not a port")]
    [InlineData("8000-8001:80-82", "publish.range", "2 ports of the host cannot be paired with 3 of the target (8000-8001 goes with 80-81")]
    [InlineData("8000:80-82", "publish.range", "1 ports of the host cannot be paired with 3 of the target (give as many of the host")]
    [InlineData("8000-8003:65534-65535", "publish.range", "4 ports of the host cannot be paired with 2 of the target (give as many of the host")]
    [InlineData("published=8080", "publish.port", "it has no target, the port in the sandbox (write target=80)")]
    [InlineData("target=", "publish.port", "it has no port in the sandbox")]
    [InlineData("target=80,", "publish.key", "'' is not key=value")]
    [InlineData("target=80,ip", "publish.key", "'ip' is not key=value")]
    [InlineData("target=80,=1", "publish.key", "'=1' is not key=value")]
    [InlineData("target=80,target=80", "publish.key", "target is given twice")]
    [InlineData("target=80,ip=::1,host_ip=::1", "publish.key", "ip is given twice")]
    [InlineData("target=80,name=web", "publish.key", "name is not a key of a published port (keys are target, published, protocol, ip (or host_ip), expose, mode)")]
    [InlineData("target=80,mode=ingress", "publish.mode", "mode ingress, the port on every node of a cluster, is not there yet (write mode=host")]
    [InlineData("target=80,mode=x", "publish.mode", "'x' is not a mode")]
    [InlineData("target=80,expose=all", "publish.expose", "'all' does not say who may reach it (write loopback, lan or world)")]
    [InlineData("target=80,ip=[::1]", "publish.address", "'[::1]' is not an IP address")]
    public void A_mistake_is_named(string text, string code, string message)
    {
        var problems = new List<Problem>();

        Assert.Empty(PublishReader.Read([text], expose: null, problems));

        var problem = Assert.Single(problems);
        Assert.Equal((code, "--publish"), (problem.Code, problem.Field));
        Assert.StartsWith($"'{text}': ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(message, problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_of_all_entries_are_named_at_once()
    {
        var problems = new List<Problem>();

        var specs = PublishReader.Read(["localhost:0:x/icmp", "80", "published=0,protocol=icmp,frob=1", "81:81"], "some", problems);

        Assert.Equal(
            ["expose.invalid", "publish.protocol", "publish.address", "publish.port", "publish.port", "publish.port", "publish.protocol", "publish.key", "publish.port"],
            problems.Select(static p => p.Code));
        Assert.Equal(["80/tcp", "81:81/tcp"], specs.Select(static s => s.ToString()));
    }

    [Theory]
    [InlineData("80:80", "80:81", true)]
    [InlineData("80:80", "80:80/udp", false)]
    [InlineData("80-90:80-90", "90-95:90-95", true)]
    [InlineData("80-90:80-90", "91-95:91-95", false)]
    [InlineData("80-90:80", "80-90:81", false)]
    [InlineData("80-90:80", "85:81", false)]
    [InlineData("80", "80", false)]
    [InlineData("0.0.0.0:80:80", "127.0.0.1:80:80", true)]
    [InlineData("127.0.0.1:80:80", "0.0.0.0:80:80", true)]
    [InlineData("[::]:80:80", "[::1]:80:80", true)]
    [InlineData("0.0.0.0:80:80", "[::]:80:80", false)]
    [InlineData("127.0.0.1:80:80", "127.0.0.2:80:80", false)]
    [InlineData("[::1]:80:80", "published=80,target=80,ip=0:0:0:0:0:0:0:1", true)]
    [InlineData("80:80", "127.0.0.1:80:80", false)] // the network's own binding may be another address
    public void A_port_of_the_host_leads_to_one_target(string first, string second, bool clashes)
    {
        var problems = new List<Problem>();

        Assert.Equal(2, PublishReader.Read([first, second], expose: null, problems).Length);

        Assert.Equal(clashes ? ["publish.twice"] : [], problems.Select(static p => p.Code));
        Assert.All(problems, p => Assert.StartsWith($"'{second}': '{first}' has port ", p.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("loopback", PortExposure.Loopback)]
    [InlineData("LAN", PortExposure.Lan)]
    [InlineData("world", PortExposure.World)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Who_may_reach_is_said_for_all_that_do_not_say_it_themselves(string? expose, PortExposure? expected)
    {
        var problems = new List<Problem>();

        var specs = PublishReader.Read(["80", "target=81,expose=world"], expose, problems);

        Assert.Empty(problems);
        Assert.Equal([expected, PortExposure.World], specs.Select(static s => s.Exposure));
    }

    [Theory]
    [InlineData("0:80", "write 80 for any free port")]
    [InlineData("127.0.0.1:0:80", "write 127.0.0.1::80 for any free port")]
    [InlineData("[::1]:0:80/udp", "write [::1]::80 for any free port")]
    [InlineData("published=0,target=80", "leave published out for any free port")]
    public void Zero_as_other_tools_write_any_free_port_is_refused_with_what_to_write(string text, string hint)
    {
        var problems = new List<Problem>();

        Assert.Empty(PublishReader.Read([text], null, problems));

        Assert.Equal(hint, Assert.Single(problems).Hint);
    }

    [Fact]
    public void To_say_who_may_reach_nothing_is_a_mistake()
    {
        var problems = new List<Problem>();

        Assert.Empty(PublishReader.Read([], "lan", problems));

        Assert.Equal("expose.unused", Assert.Single(problems).Code);
    }

    [Fact]
    public void Every_port_there_is_can_be_published_in_one_request_and_not_one_more()
    {
        var problems = new List<Problem>();

        Assert.Single(PublishReader.Read(["1-65535:1-65535"], expose: null, problems));
        Assert.Empty(problems);

        Assert.Equal(2, PublishReader.Read(["1-65535:1-65535", "1:1/udp"], expose: null, problems).Length);
        Assert.Equal("65536 ports are more than the 65535 that there are", Assert.Single(problems).Message);
    }

    [Fact]
    public void Entries_are_bounded()
    {
        var problems = new List<Problem>();
        var texts = Enumerable.Range(1, PublishReader.EntriesMax + 1).Select(static n => n.ToString(CultureInfo.InvariantCulture));

        Assert.Empty(PublishReader.Read([.. texts], expose: null, problems));

        Assert.StartsWith("4097 entries are more than the 4096", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_is_not_said_back_whole()
    {
        var problems = new List<Problem>();

        _ = PublishReader.Read([new string('x', 100_000) + ":80:80:80:80"], expose: null, problems);

        Assert.InRange(Assert.Single(problems).Message.Length, 1, 200);
    }

    [Fact]
    public void What_is_printed_reads_as_it_was()
    {
        var random = new Random(20_260_314);
        for (var i = 0; i < 20_000; i++)
        {
            var spec = AnySpec(random);
            var problems = new List<Problem>();

            var read = PublishReader.Read([spec.ToString()], expose: null, problems);

            Assert.True(problems.Count == 0 && read.SequenceEqual([spec]), $"{spec}: {string.Join("; ", problems)}");
        }
    }

    [Fact]
    public void No_text_makes_it_throw()
    {
        string[] pieces =
        [
            "80", "0", "65535", "65536", "-", ":", "::", "[", "]", "[::1]", "127.0.0.1", "fe80::1%lo", "/", "tcp", "udp", "sctp", "=", ",",
            "target=", "published=", "ip=", "host_ip=", "mode=", "expose=", "protocol=", "lan", "host", "%", "\0", "é", "٣", " ", "+1", "9999999999",
        ];
        var random = new Random(20_260_315);
        for (var i = 0; i < 50_000; i++)
        {
            var texts = Enumerable.Range(0, random.Next(1, 4))
                .Select(_ => string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => pieces[random.Next(pieces.Length)])))
                .ToImmutableArray();
            var problems = new List<Problem>();

            var specs = PublishReader.Read(texts, random.Next(3) == 0 ? pieces[random.Next(pieces.Length)] : null, problems);

            Assert.True(specs.Length == texts.Length || problems.Count > 0, string.Join(" | ", texts));
            Assert.All(specs, static s => Assert.InRange(s.Target.Count, 1, 65535));
        }
    }

    private static PublishSpec AnySpec(Random random)
    {
        var count = random.Next(3) == 0 ? random.Next(2, 100) : 1;
        var target = random.Next(1, 65536 - count);
        var published = random.Next(1, 65536 - 200);
        IPAddress?[] addresses = [null, IPAddress.Any, IPAddress.IPv6Any, IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Parse("2001:db8::1.2.3.4")];
        return new PublishSpec
        {
            Target = new PortRange(target, target + count - 1),
            Published = random.Next(4) == 0 ? null : new PortRange(published, published + (count == 1 ? random.Next(100) : count - 1)),
            Protocol = new[] { PortProtocol.Tcp, PortProtocol.Udp, PortProtocol.Sctp }[random.Next(3)],
            HostAddress = addresses[random.Next(addresses.Length)],
            Exposure = new PortExposure?[] { null, PortExposure.Loopback, PortExposure.Lan, PortExposure.World }[random.Next(4)],
        };
    }
}

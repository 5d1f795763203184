using System.Collections.Immutable;
using System.Net;

namespace Networking.Dns.Tests;

/// <summary>What a sandbox is told, and what it is not.</summary>
public sealed class ResolveTests
{
    private readonly Town _town = new Town()
        .WithNetwork("app", "10.20.0.0/16", "fd00:20::/64")
        .WithNetwork("back.end", "10.30.0.0/16")
        .WithNetwork("secret", "10.40.0.0/16")
        .WithSandbox("one", "app", "back.end")
        .WithSandbox("two", "secret");

    public ResolveTests()
    {
        _ = _town.Add("app", "web", "10.20.0.2", "fd00:20::2", ["www", "7bc64a0b1fee"], [new ServicePort(80, "tcp", "http"), new ServicePort(53, "udp")]);
        _ = _town.Add("app", "cache", "10.20.0.3");
        _ = _town.Add("back.end", "web", "10.30.0.2");
        _ = _town.Add("back.end", "db", "10.30.0.3");
        _ = _town.Add("secret", "vault", "10.40.0.2");
    }

    [Theory]
    [InlineData("web", "NoError 10.20.0.2")] // the first network in gateway order answers alone
    [InlineData("WeB", "NoError 10.20.0.2")]
    [InlineData("www", "NoError 10.20.0.2")]
    [InlineData("7bc64a0b1fee", "NoError 10.20.0.2")]
    [InlineData("web.app", "NoError 10.20.0.2")]
    [InlineData("web.back.end", "NoError 10.30.0.2")]
    [InlineData("WWW.App", "NoError 10.20.0.2")]
    [InlineData("db", "NoError 10.30.0.3")]
    [InlineData("db.app", "upstream")] // nobody's: not there, and not elsewhere
    [InlineData("www.example.com", "upstream")]
    [InlineData(".", "upstream")]
    [InlineData(@"we\.b.app", "upstream")]
    [InlineData("nothing", "NameError")] // a name without a dot is ours or none
    public void A_name_leads_to_an_address(string name, string answer) => Assert.Equal(answer, _town.Ask("one", name));

    [Theory]
    [InlineData("vault")]
    [InlineData("vault.secret")]
    [InlineData("VAULT.Secret")]
    [InlineData("_80._tcp.vault")]
    [InlineData("_80._tcp.vault.secret")]
    [InlineData("tasks.vault")]
    public void A_network_the_sandbox_is_not_on_does_not_resolve_and_is_not_told_upstream(string name)
    {
        Assert.Equal("NameError", _town.Ask("one", name));
        Assert.Equal("NameError", _town.Ask("one", name, name[0] == '_' ? RecordType.Srv : RecordType.Aaaa));
        Assert.DoesNotContain("10.20", _town.Ask("two", "web.app"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RecordType.Txt)]
    [InlineData(RecordType.Mx)]
    [InlineData(RecordType.Https)]
    [InlineData(RecordType.Ns)]
    [InlineData(RecordType.Soa)]
    [InlineData(RecordType.Cname)]
    [InlineData((RecordType)64)] // SVCB
    [InlineData((RecordType)43)] // DS
    [InlineData((RecordType)9999)]
    public void A_local_name_answers_every_type_itself(RecordType type)
    {
        Assert.Equal("NoError", _town.Ask("one", "web", type));
        Assert.Equal("NoError", _town.Ask("one", "web.app", type));
    }

    [Fact]
    public void The_other_family_has_no_data_rather_than_no_name()
    {
        Assert.Equal("NoError fd00:20::2", _town.Ask("one", "web", RecordType.Aaaa));
        Assert.Equal("NoError", _town.Ask("one", "cache", RecordType.Aaaa));
        Assert.Equal("NoError 10.20.0.2 fd00:20::2", _town.Ask("one", "web", RecordType.Any));
    }

    [Theory]
    [InlineData("2.0.20.10.in-addr.arpa", "NoError web.app")]
    [InlineData("2.0.30.10.IN-ADDR.arpa", "NoError web.back.end")]
    [InlineData("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.0.d.f.ip6.arpa", "NoError web.app")]
    [InlineData("9.9.20.10.in-addr.arpa", "NameError")] // ours to name, and nobody has it
    [InlineData("8.8.8.8.in-addr.arpa", "upstream")]
    [InlineData("20.10.in-addr.arpa", "upstream")]
    [InlineData("02.0.20.10.in-addr.arpa", "upstream")]
    public void An_address_leads_to_the_name_with_its_network(string name, string answer) =>
        Assert.Equal(answer, _town.Ask("one", name, RecordType.Ptr));

    [Fact]
    public void The_name_of_an_address_has_no_other_type() => Assert.Equal("NoError", _town.Ask("one", "2.0.20.10.in-addr.arpa", RecordType.A));

    [Theory]
    [InlineData("_80._tcp.web", "NoError web.app:80 +10.20.0.2 +fd00:20::2")]
    [InlineData("_HTTP._tcp.web.app", "NoError web.app:80 +10.20.0.2 +fd00:20::2")]
    [InlineData("_53._udp.www", "NoError web.app:53 +10.20.0.2 +fd00:20::2")]
    [InlineData("_53._tcp.web", "NameError")]
    [InlineData("_080._tcp.web", "NameError")]
    [InlineData("_http._tcp.example.com", "upstream")]
    [InlineData("_80._tcp", "upstream")]
    public void A_service_leads_to_its_port(string name, string answer) => Assert.Equal(answer, _town.Ask("one", name, RecordType.Srv));

    [Fact]
    public void A_service_that_is_there_has_no_addresses_of_its_own() => Assert.Equal("NoError", _town.Ask("one", "_80._tcp.web"));

    [Fact]
    public void A_shared_name_leads_to_all_in_turn()
    {
        _ = _town.Add("app", "a", "10.20.1.1", aliases: ["all"]);
        _ = _town.Add("app", "b", "10.20.1.2", aliases: ["all"]);
        _ = _town.Add("app", "c", "10.20.1.3", aliases: ["all"]);

        Assert.Equal("NoError 10.20.1.1 10.20.1.2 10.20.1.3", _town.Ask("one", "all", turn: 0));
        Assert.Equal("NoError 10.20.1.2 10.20.1.3 10.20.1.1", _town.Ask("one", "all", turn: 1));
        Assert.Equal("NoError 10.20.1.3 10.20.1.1 10.20.1.2", _town.Ask("one", "all", turn: uint.MaxValue - 1 - ((uint.MaxValue - 1) % 3) + 2));
    }

    [Fact]
    public void Tasks_of_a_service_are_found_by_its_name_until_it_has_an_address_of_its_own()
    {
        _ = _town.Add("app", "api.1.x", "10.20.2.1", services: ["api"]);
        _ = _town.Add("app", "api.2.y", "10.20.2.2", services: ["api"]);
        Assert.Equal("NoError 10.20.2.1 10.20.2.2", _town.Ask("one", "api"));

        _town.Change("app", static n => n.WithService("API", IPAddress.Parse("10.20.2.100"), null, [new ServicePort(443, "tcp")]));
        Assert.Equal("NoError 10.20.2.100", _town.Ask("one", "api"));
        Assert.Equal("NoError 10.20.2.1 10.20.2.2", _town.Ask("one", "tasks.api"));
        Assert.Equal("NoError api.app:443 +10.20.2.100", _town.Ask("one", "_443._tcp.api", RecordType.Srv));

        _town.Change("app", static n => n.WithoutService("api"));
        Assert.Equal("NoError 10.20.2.1 10.20.2.2", _town.Ask("one", "api.app"));
    }

    [Fact]
    public void A_link_means_something_in_its_sandbox_alone()
    {
        _ = _town.WithSandbox("three", ImmutableDictionary<string, string>.Empty.Add("store", "db").Add("web", "cache"), "app", "back.end");

        Assert.Equal("NoError 10.30.0.3", _town.Ask("three", "store"));
        Assert.Equal("NoError 10.20.0.3", _town.Ask("three", "web")); // before the real one
        Assert.Equal("NameError", _town.Ask("one", "store"));
    }

    [Fact]
    public void What_is_removed_is_gone_at_once_and_what_others_share_stays()
    {
        var one = _town.Add("app", "x1", "10.20.3.1", "fd00:20::31", ["x"]);
        _ = _town.Add("app", "x2", "10.20.3.2", aliases: ["x"]);
        _town.Remove("app", one);

        Assert.Equal("NoError 10.20.3.2", _town.Ask("one", "x"));
        Assert.Equal("NameError", _town.Ask("one", "x1"));
        Assert.Equal("NameError", _town.Ask("one", "1.3.20.10.in-addr.arpa", RecordType.Ptr));
        Assert.Equal("NameError", _town.Ask("one", ReverseName.Of(IPAddress.Parse("fd00:20::31")), RecordType.Ptr));
    }

    [Fact]
    public void An_address_that_went_to_another_keeps_the_others_name()
    {
        var old = _town.Add("app", "old", "10.20.4.1");
        _ = _town.Add("app", "new", "10.20.4.1");
        _town.Remove("app", old);

        Assert.Equal("NoError new.app", _town.Ask("one", "1.4.20.10.in-addr.arpa", RecordType.Ptr));
    }

    [Fact]
    public void A_thousand_addresses_do_not_fit_and_say_so()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _ = _town.Add("app", $"n{i}", $"10.20.{5 + (i / 250)}.{i % 250}", aliases: ["many"]);
        }

        var answer = _town.Ask("one", "many");
        Assert.StartsWith("NoError truncated 10.20.", answer, StringComparison.Ordinal);
        Assert.Equal(2 + ((1232 - 12 - 10) / 16), answer.Split(' ').Length);
    }
}

namespace Networking.Dns.Tests;

/// <summary>What is remembered, for how long, and how much of it.</summary>
public sealed class AnswerCacheTests
{
    private readonly Stage _stage = new();

    [Fact]
    public void An_answer_is_good_as_long_as_it_says_and_says_how_long_is_left()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7", ttl: 60);
        var group = _stage.Group("192.0.2.1");
        _ = _stage.Ask(group, "www.example.com");
        _stage.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("NoError 198.51.100.7", _stage.Remember(group, "WWW.example.com"));
        Assert.Equal(40u, TtlLeft(group));
        _stage.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(_stage.Remember(group, "www.example.com"));
    }

    [Fact]
    public void Another_type_other_servers_and_other_bits_are_other_questions()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7");
        var group = _stage.Group("192.0.2.1");
        _ = _stage.Ask(group, "www.example.com");

        Assert.Null(_stage.Remember(group, "www.example.com", RecordType.Aaaa));
        Assert.Null(_stage.Remember(_stage.Group("192.0.2.1", "192.0.2.2"), "www.example.com"));
        _ = DnsQuery.TryRead(Wire.Query("www.example.com", RecordType.A), out var withoutEdns);
        Assert.Equal(0, _stage.Forwarder.TryAnswer(group, withoutEdns, new byte[512]));
    }

    [Theory]
    [InlineData(30u, 29, true)]
    [InlineData(30u, 31, false)]
    [InlineData(86_400u, 299, true)] // five minutes at most
    [InlineData(86_400u, 301, false)]
    public void That_there_is_no_such_name_is_remembered_as_its_authority_says(uint soa, int afterSeconds, bool isKnown)
    {
        _stage.Servers.On("192.0.2.1", (query, _) => [FakeReply.Code(query, ResponseCode.NameError, soa: soa)]);
        var group = _stage.Group("192.0.2.1");
        _ = _stage.Ask(group, "nothing.example.com");
        _stage.Time.Advance(TimeSpan.FromSeconds(afterSeconds));

        Assert.Equal(isKnown ? "NameError" : null, _stage.Remember(group, "nothing.example.com")?.Split(' ')[0]);
    }

    [Fact]
    public void What_has_no_lifetime_is_not_remembered()
    {
        var group = _stage.Group("192.0.2.1");
        _stage.Servers.On("192.0.2.1", static (query, _) => [FakeReply.Code(query, ResponseCode.NameError)]); // no SOA
        _ = _stage.Ask(group, "a.example.com");
        _stage.Servers.On("192.0.2.1", static (query, _) => [FakeReply.Code(query, ResponseCode.ServerFailure, soa: 60)]);
        _ = _stage.Ask(group, "b.example.com");
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7", ttl: 0);
        _ = _stage.Ask(group, "c.example.com");
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7", ttl: 0x8000_0001);
        _ = _stage.Ask(group, "d.example.com");

        Assert.Equal(0, _stage.Forwarder.CacheCount);
    }

    [Fact]
    public void A_client_with_options_of_its_own_gets_an_answer_of_its_own()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7");
        var group = _stage.Group("192.0.2.1");
        _ = _stage.Ask(group, Golden.Read("dig-cookie"));

        Assert.Equal(0, _stage.Forwarder.CacheCount);
    }

    [Fact]
    public void When_nobody_answers_an_old_answer_is_better_than_none()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7", ttl: 60);
        var group = _stage.Group("192.0.2.1");
        _ = _stage.Ask(group, "www.example.com");
        _stage.Servers.IsDead("192.0.2.1");
        _stage.Time.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(("NoError 198.51.100.7", 1800), _stage.Ask(group, "www.example.com"));
        Assert.Equal(1, _stage.Forwarder.Counters.Stale);
        _stage.Time.Advance(TimeSpan.FromMinutes(40));
        Assert.Equal("ServerFailure", _stage.Ask(group, "www.example.com").Words);
    }

    [Fact]
    public void A_slow_answer_still_renews_what_is_remembered()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7", ttl: 60);
        var group = _stage.Group("192.0.2.1");
        _ = _stage.Ask(group, "www.example.com");
        _stage.Servers.On("192.0.2.1", static (query, _) => [FakeReply.Address(query, "198.51.100.8", afterMs: 2_500)]);
        _stage.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("NoError 198.51.100.7", _stage.Ask(group, "www.example.com").Words);
        _stage.Settle();
        Assert.Equal("NoError 198.51.100.8", _stage.Remember(group, "www.example.com"));
    }

    [Fact]
    public void Memory_is_bounded_and_what_was_used_last_stays()
    {
        var stage = new Stage(new ForwardingOptions { CacheBytesMax = 100_000 });
        var group = stage.Group("192.0.2.1");
        Assert.InRange(MostMemory(stage, group), 90_000, 100_000);
        Assert.InRange(stage.Forwarder.CacheCount, 100, 500);
        Assert.Null(stage.Remember(group, "n1.example.com"));
        Assert.NotNull(stage.Remember(group, "n1999.example.com"));
    }

    [Fact]
    public void A_planted_cache_without_bound_is_found()
    {
        var stage = new Stage(new ForwardingOptions { CacheBytesMax = 100_000, Planted = PlantedBug.UnboundedCache });
        Assert.InRange(MostMemory(stage, stage.Group("192.0.2.1")), 200_000, int.MaxValue);
    }

    private static long MostMemory(Stage stage, UpstreamGroup group)
    {
        stage.Servers.Answers("192.0.2.1", "198.51.100.7");
        var most = 0L;
        for (var i = 0; i < 2_000; i++)
        {
            _ = stage.Ask(group, $"n{i}.example.com");
            Assert.NotNull(stage.Remember(group, "n0.example.com"));
            most = Math.Max(most, stage.Forwarder.CacheBytes);
        }

        return most;
    }

    [Fact]
    public void A_clock_that_went_back_makes_nothing_eternal()
    {
        var options = new ForwardingOptions();
        var cache = new AnswerCache(options);
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        cache.Keep([1], FakeReply.Address(Wire.Query("a.example.com", RecordType.A), "198.51.100.7").Bytes!, now); // an answer has bytes

        Assert.NotNull(cache.Find([1], now));
        Assert.Null(cache.Find([1], now - TimeSpan.FromDays(1)));
        Assert.Equal((0, 0), (cache.Count, cache.Bytes));
    }

    private uint TtlLeft(UpstreamGroup group)
    {
        _ = DnsQuery.TryRead(Wire.Query("www.example.com", RecordType.A, payload: 1232), out var query);
        var reply = new byte[1232];
        var length = _stage.Forwarder.TryAnswer(group, query, reply);
        _ = DnsQuery.TryReadResponse(reply.AsSpan(0, length), out var answer);
        var records = new RecordReader(reply.AsSpan(0, length), answer.Header, answer.QuestionEnd);
        Assert.True(records.MoveNext());
        return records.Ttl;
    }
}

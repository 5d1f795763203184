using System.Net;

namespace Networking.Dns.Tests;

/// <summary>Asking others: who is believed, who is asked next, and what is bounded.</summary>
public sealed class ForwarderTests
{
    private readonly Stage _stage = new();

    [Fact]
    public void The_answer_has_the_askers_id_and_letters_whatever_was_sent()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7");
        var query = Wire.Query("wWw.Example.COM", RecordType.A, id: 0xbeef);
        var reply = new byte[512];

        var length = _stage.Run(() => _stage.Forwarder.AskAsync(_stage.Group("192.0.2.1"), query, reply));

        Assert.Equal(DnsFault.None, DnsQuery.TryReadResponse(reply.AsSpan(0, length), out var answer));
        Assert.Equal(0xbeef, answer.Header.Id);
        Assert.Equal("wWw.Example.COM", NameText.Of(answer.Name));
    }

    [Fact]
    public void Every_question_goes_out_with_another_id_and_other_letters()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7", ttl: 0);
        var group = _stage.Group("192.0.2.1");
        for (var i = 0; i < 50; i++)
        {
            _ = _stage.Ask(group, "www.a-rather-long-name.example.com");
        }

        var sent = _stage.Servers.Heard.Select(static h => h.Query).ToArray();
        Assert.Equal(50, sent.Length);
        Assert.Equal(50, sent.Select(static q => (q[0] << 8) | q[1]).Distinct().Count());
        Assert.Equal(50, sent.Select(static q => Convert.ToHexString(q.AsSpan(12))).Distinct().Count());
    }

    [Fact]
    public void EDNS_and_the_wish_for_signatures_go_along_and_the_size_does_not()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7");
        var query = Golden.Read("dig-edns"); // 1,400 bytes, DO
        _ = _stage.Ask(_stage.Group("192.0.2.1"), query);

        _ = DnsQuery.TryRead(_stage.Servers.Heard[0].Query, out var sent);
        Assert.True(sent.Edns is { WantsSignatures: true, Payload: EdnsOptions.PayloadOurs });
    }

    [Theory]
    [InlineData("id")]
    [InlineData("question")]
    [InlineData("type")]
    [InlineData("source")]
    [InlineData("query")]
    [InlineData("garbage")]
    public void A_forged_answer_is_thrown_away_and_the_real_one_is_waited_for(string forgery)
    {
        _stage.Servers.On("192.0.2.1", (query, _) =>
        {
            var forged = FakeReply.Address(query, "203.0.113.66", afterMs: 1);
            forged = forgery switch
            {
                "id" => forged.With(static b => b[1] ^= 1),
                "question" => forged.With(static b => b[13] = (byte)'z'),
                "type" => forged.With(static b => b[13 + 15] ^= 0x1c),
                "source" => forged with { From = new IPEndPoint(IPAddress.Parse("192.0.2.99"), 53) },
                "query" => forged.With(static b => b[2] &= 0x7f),
                _ => forged with { Bytes = [1, 2, 3] },
            };
            return [forged, FakeReply.Address(query, "198.51.100.7", afterMs: 10)];
        });

        Assert.Equal("NoError 198.51.100.7", _stage.Ask(_stage.Group("192.0.2.1"), "www.example.com").Words);
        Assert.Equal(1, _stage.Forwarder.Counters.Spoofed);
    }

    [Fact]
    public void An_answer_in_other_letters_is_believed_only_by_TCP()
    {
        _stage.Servers.On("192.0.2.1", static (query, isTcp) =>
        {
            var lower = query.ToArray();
            NameWire.ToLower(query.AsSpan(12, query.Length - 12), lower.AsSpan(12));
            return [FakeReply.Address(lower, isTcp ? "198.51.100.7" : "203.0.113.66", ttl: 0)];
        });
        var group = _stage.Group("192.0.2.1");

        Assert.Equal("NoError 198.51.100.7", _stage.Ask(group, "www.a-rather-long-name.example.com").Words);
        Assert.True(group.Servers[0].ChangesLetters);
        Assert.Equal("NoError 203.0.113.66", _stage.Ask(group, "www.a-rather-long-name.example.com").Words); // from now on it is asked in small letters
    }

    [Fact]
    public void A_cut_answer_is_fetched_by_TCP()
    {
        _stage.Servers.On("192.0.2.1", static (query, isTcp) =>
            [isTcp ? FakeReply.Write(query, ResponseCode.NoError, 1, [.. Enumerable.Range(1, 60).Select(static i => $"198.51.100.{i}")]) : FakeReply.Truncated(query)]);
        var group = _stage.Group("192.0.2.1");

        Assert.Equal(61, _stage.Ask(group, "big.example.com").Words.Split(' ').Length);
        Assert.Equal("NoError truncated", _stage.Ask(group, "big.example.com", replyMax: 512).Words); // does not fit this asker
        Assert.Equal(2, _stage.Forwarder.Counters.OverTcp);
    }

    [Theory]
    [InlineData(ResponseCode.ServerFailure)]
    [InlineData(ResponseCode.Refused)]
    public void A_server_that_cannot_say_is_followed_by_the_next(ResponseCode code)
    {
        _stage.Servers.On("192.0.2.1", (query, _) => [FakeReply.Code(query, code)]);
        _stage.Servers.Answers("192.0.2.2", "198.51.100.7");

        Assert.Equal(("NoError 198.51.100.7", 20), _stage.Ask(_stage.Group("192.0.2.1", "192.0.2.2"), "www.example.com"));
    }

    [Fact]
    public void If_none_can_say_the_first_ones_word_is_given_and_nobody_is_asked_twice()
    {
        _stage.Servers.On("192.0.2.1", static (query, _) => [FakeReply.Code(query, ResponseCode.Refused)]);
        _stage.Servers.On("192.0.2.2", static (query, _) => [FakeReply.Code(query, ResponseCode.ServerFailure)]);

        Assert.Equal(("Refused", 20), _stage.Ask(_stage.Group("192.0.2.1", "192.0.2.2"), "www.example.com"));
        Assert.Equal(2, _stage.Servers.Heard.Count);
    }

    [Fact]
    public void That_a_name_does_not_exist_is_an_answer()
    {
        _stage.Servers.On("192.0.2.1", static (query, _) => [FakeReply.Code(query, ResponseCode.NameError)]);
        _stage.Servers.Answers("192.0.2.2", "198.51.100.7");

        Assert.Equal("NameError", _stage.Ask(_stage.Group("192.0.2.1", "192.0.2.2"), "www.example.com").Words);
    }

    [Fact]
    public void A_host_where_nobody_listens_costs_no_waiting()
    {
        _stage.Servers.On("192.0.2.1", static (_, _) => [FakeReply.Refused]);
        _stage.Servers.Answers("192.0.2.2", "198.51.100.7");

        Assert.Equal(("NoError 198.51.100.7", 11), _stage.Ask(_stage.Group("192.0.2.1", "192.0.2.2"), "www.example.com"));
    }

    [Fact]
    public void A_dead_first_server_costs_one_slow_question_and_not_every_one()
    {
        _stage.Servers.IsDead("192.0.2.1");
        _stage.Servers.Answers("192.0.2.2", "198.51.100.7", ttl: 0);
        var group = _stage.Group("192.0.2.1", "192.0.2.2");

        var first = _stage.Ask(group, "n0.example.com").Milliseconds;
        Assert.InRange(first, 100, 200);
        var later = new List<double>();
        for (var i = 1; i < 1_000; i++)
        {
            later.Add(_stage.Ask(group, $"n{i}.example.com").Milliseconds);
            _stage.Time.Advance(TimeSpan.FromMilliseconds(100)); // a hundred seconds: it is tried again and again
        }

        Assert.All(later, static ms => Assert.Equal(10, ms));
        var tries = _stage.Servers.Heard.Count(static h => h.Server.Address.ToString() == "192.0.2.1");
        Assert.InRange(tries, 3, 10);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(3)]
    public void A_server_that_comes_back_is_first_again_whatever_the_clock_was_set_to(int hours)
    {
        _stage.Servers.IsDead("192.0.2.1");
        _stage.Servers.Answers("192.0.2.2", "203.0.113.2", afterMs: 30, ttl: 0);
        var group = _stage.Group("192.0.2.1", "192.0.2.2");
        _ = _stage.Ask(group, "www.example.com");
        _stage.Servers.Answers("192.0.2.1", "198.51.100.1", ttl: 0);
        _stage.Time.SetWallClock(TimeSpan.FromHours(hours));
        _stage.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("NoError 198.51.100.1", _stage.Ask(group, "www.example.com").Words);
        _stage.Servers.Heard.Clear();
        Assert.Equal("NoError 198.51.100.1", _stage.Ask(group, "www.example.com").Words);
        _ = Assert.Single(_stage.Servers.Heard);
    }

    [Fact]
    public void A_lost_datagram_is_sent_again()
    {
        var count = 0;
        _stage.Servers.On("192.0.2.1", (query, _) => ++count == 1 ? [] : [FakeReply.Address(query, "198.51.100.7")]);

        Assert.Equal(("NoError 198.51.100.7", 1010), _stage.Ask(_stage.Group("192.0.2.1"), "www.example.com"));
    }

    [Fact]
    public void Nobody_answers_and_the_asker_is_told_in_time()
    {
        _stage.Servers.IsDead("192.0.2.1");

        Assert.Equal(("ServerFailure", 4000), _stage.Ask(_stage.Group("192.0.2.1"), "www.example.com"));
        _stage.Settle();
        Assert.Equal(0, _stage.Servers.Open);
        Assert.Equal(0, _stage.Forwarder.Waiting);
    }

    [Fact]
    public void No_server_at_all_is_a_failure_at_once() =>
        Assert.Equal(("ServerFailure", 0), _stage.Ask(_stage.Group(), "www.example.com"));

    [Fact]
    public void The_same_question_at_the_same_time_is_asked_once()
    {
        _stage.Servers.Answers("192.0.2.1", "198.51.100.7");
        var group = _stage.Group("192.0.2.1");
        var lengths = _stage.Run(() => Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            _stage.Forwarder.AskAsync(group, Wire.Query(i % 2 == 0 ? "www.example.com" : "WWW.example.com", RecordType.A, id: (ushort)i), new byte[512]))));

        Assert.All(lengths, static l => Assert.Equal(12 + 21 + 16, l));
        _ = Assert.Single(_stage.Servers.Heard);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_question_that_comes_back_to_us_ends(bool hasOptions)
    {
        UpstreamGroup? group = null;
        _stage.Servers.On("192.0.2.1", (query, isTcp) =>
        {
            _ = _stage.Forwarder.AskAsync(group!, query, new byte[512]); // the server asks us what we asked it
            return [];
        });
        group = _stage.Group("192.0.2.1");
        var query = hasOptions ? Golden.Read("dig-cookie") : Wire.Query("loop.example.com", RecordType.A);

        Assert.Equal("ServerFailure", _stage.Ask(group, query).Words);
        Assert.InRange(_stage.Servers.Heard.Count, 1, 3); // once a round
        Assert.Equal(1, _stage.Forwarder.Counters.Asked);
    }

    [Fact]
    public void Ten_thousand_questions_wait_and_the_next_is_refused()
    {
        _stage.Servers.IsDead("192.0.2.1");
        var group = _stage.Group("192.0.2.1");
        var replies = Enumerable.Range(0, 10_050).Select(static _ => new byte[512]).ToArray();
        var lengths = _stage.Run(() => Task.WhenAll(replies.Select((r, i) => _stage.Forwarder.AskAsync(group, Wire.Query($"n{i}.example.com", RecordType.A), r))));

        var words = replies.Select((r, i) => Answer.Words(r.AsSpan(0, lengths[i]))).ToArray();
        Assert.Equal(10_000, words.Count(static w => w == "ServerFailure"));
        Assert.Equal(50, words.Count(static w => w == "Refused"));
        Assert.InRange(_stage.Servers.OpenMax, 1_024, 3 * 1_024);
        _stage.Settle();
        Assert.Equal((0, 0), (_stage.Servers.Open, _stage.Forwarder.Waiting));
    }
}

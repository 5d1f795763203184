using System.Buffers.Binary;

namespace Networking.Dns.Tests;

/// <summary>The chain: refusal, names, memory, others; and bytes that are no question.</summary>
public sealed class DatagramServerTests
{
    private static readonly Networking.Model.SandboxId One = Town.SandboxOf("one");
    private readonly ServerStage _stage = new();

    [Fact]
    public void Each_stage_answers_what_is_its_own()
    {
        Assert.Equal("NoError 10.20.0.2", _stage.Words(Wire.Query("web", RecordType.A)));
        Assert.Equal("NoError 198.51.100.7", _stage.Words(Wire.Query("www.example.com", RecordType.A)));
        Assert.Equal("NoError 198.51.100.7", _stage.Words(Wire.Query("www.example.com", RecordType.A)));
        _stage.IsForwarding = false;
        Assert.Equal("NameError", _stage.Words(Wire.Query("www.example.com", RecordType.A)));

        var counters = _stage.Resolver.Counters;
        Assert.Equal(1, counters.Answers(AnswerStage.Names, ResponseCode.NoError));
        Assert.Equal(1, counters.Answers(AnswerStage.Upstream, ResponseCode.NoError));
        Assert.Equal(1, counters.Answers(AnswerStage.Cache, ResponseCode.NoError));
        Assert.Equal(1, counters.Answers(AnswerStage.Internal, ResponseCode.NameError));
        Assert.Equal(1, counters.Latencies.Sum());
    }

    [Fact]
    public void A_name_changes_between_two_questions()
    {
        var added = _stage.Town.Add("app", "db", "10.20.0.9");
        Assert.Equal("NoError 10.20.0.9", _stage.Words(Wire.Query("db", RecordType.A)));
        _stage.Town.Remove("app", added);
        Assert.Equal("NameError", _stage.Words(Wire.Query("db", RecordType.A)));
        Assert.Empty(_stage.Stage.Servers.Heard);
    }

    [Fact]
    public void A_sandbox_that_is_gone_is_refused()
    {
        var answer = _stage.Send(Wire.Query("web", RecordType.A), sandbox: "gone");
        Assert.Equal("Refused", Answer.Words(answer));
    }

    [Theory]
    [InlineData(RecordType.Axfr, "Refused")]
    [InlineData(RecordType.Ixfr, "Refused")]
    [InlineData(RecordType.None, "FormatError")]
    [InlineData(RecordType.Opt, "FormatError")]
    public void A_type_that_is_not_asked_is_refused(RecordType type, string words) => Assert.Equal(words, _stage.Words(Wire.Query("web.example.com", type)));

    [Fact]
    public void Another_class_is_refused() => Assert.Equal("Refused", _stage.Words(Golden.Read("dig-chaos")));

    [Fact]
    public void Another_version_of_EDNS_is_told_ours()
    {
        var query = Wire.Query("web", RecordType.A, payload: 1232);
        query[^5] = 1; // the version
        var answer = _stage.Send(query)!; // it is a question

        Assert.Equal(DnsFault.None, DnsQuery.TryReadResponse(answer, out var read));
        Assert.Equal(1u, read.Edns!.Value.Extended >> 24); // BADVERS is 16: one in the upper bits
        Assert.Equal(0, read.Edns.Value.Version);
        Assert.Equal(ResponseCode.NoError, read.Header.Code);
    }

    [Theory]
    [InlineData(11, 0, 0, null)] // too short
    [InlineData(17, 2, 0x80, null)] // an answer: to answer it could go on for ever
    [InlineData(17, 2, 0x28, "NotImplemented")] // UPDATE
    [InlineData(17, 5, 2, "FormatError")] // two questions
    [InlineData(17, 5, 0, "FormatError")] // none
    [InlineData(15, 0, 0x12, "FormatError")] // cut
    public void What_is_no_question_gets_a_header_or_silence(int length, int at, byte value, string? code)
    {
        var query = Wire.Query("w", RecordType.A);
        query[at] = value;
        var answer = _stage.Send(query.AsMemory(0, length));

        Assert.Equal(code is null, answer is null);
        if (answer is not null)
        {
            Assert.Equal(12, answer.Length);
            Assert.True(DnsHeader.TryRead(answer, out var header));
            Assert.Equal((code, true), (header.Code.ToString(), header.IsResponse));
            Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(query), header.Id);
        }
    }

    [Fact]
    public void An_answer_is_as_long_as_the_client_takes_and_no_longer()
    {
        for (var i = 0; i < 300; i++)
        {
            _ = _stage.Town.Add("app", $"n{i}", $"10.20.{1 + (i / 250)}.{i % 250}", aliases: ["many"]);
        }

        Assert.InRange(_stage.Send(Wire.Query("many", RecordType.A))!.Length, 497, 512); // a question has an answer
        Assert.InRange(_stage.Send(Wire.Query("many", RecordType.A, payload: 100))!.Length, 485, 512); // less than 512 is not said
        Assert.InRange(_stage.Send(Wire.Query("many", RecordType.A, payload: 1400))!.Length, 1370, 1400);
        Assert.InRange(_stage.Send(Wire.Query("many", RecordType.A, payload: 65_535))!.Length, 4_070, Resolver.DatagramMax);
        Assert.StartsWith("NoError truncated", _stage.Words(Wire.Query("many", RecordType.A, payload: 65_535)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(20_26)]
    public void Whatever_the_bytes_the_server_answers_one_of_its_own_or_says_nothing(int seed)
    {
        var random = new Random(seed);
        _stage.IsForwarding = false;
        var seeds = Golden.Queries.Select(static n => Golden.Read(n)).Append(Wire.Query("web", RecordType.Any, payload: 512)).ToArray();
        var server = new DatagramServer(_stage.Resolver, static () => One);
        var reply = new byte[Resolver.DatagramMax];
        for (var round = 0; round < 50_000; round++)
        {
            var message = Mutation.Of(random, seeds);
            var length = server.Receive(null!, message, default, reply); // nobody is asked, so nothing is sent later
            if (length == 0)
            {
                continue;
            }

            Assert.True(DnsHeader.TryRead(reply.AsSpan(0, length), out var header));
            Assert.True(header.IsResponse);
            Assert.Equal(message[..2], reply[..2]);
            Reading.All(reply.AsSpan(0, length));
        }
    }

    [Fact]
    public void A_local_answer_allocates_little()
    {
        var server = new DatagramServer(_stage.Resolver, static () => One);
        var (query, reply) = (Wire.Query("web.app", RecordType.A), new byte[Resolver.DatagramMax]);
        for (var i = 0; i < 100; i++)
        {
            _ = server.Receive(null!, query, default, reply); // answered at once
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _ = server.Receive(null!, query, default, reply);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000, 0, 160);
    }
}

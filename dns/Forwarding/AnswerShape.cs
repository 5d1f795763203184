using System.Buffers.Binary;

namespace Networking.Dns;

/// <summary>Makes of somebody's answer the answer to a question: its id, its letters, its size, and times that have passed.</summary>
internal static class AnswerShape
{
    /// <summary>What a stale answer says of how long it holds, in seconds.</summary>
    public const uint StaleTtlSeconds = 5;

    /// <summary>Writes the answer to a question.</summary>
    /// <param name="query">The question.</param>
    /// <param name="message">An answer to the same question, checked by <see cref="DnsQuery.TryReadResponse"/>.</param>
    /// <param name="age">How long ago it came; null if it is out of date.</param>
    /// <param name="reply">As long as the answer may get; at least 512 bytes.</param>
    /// <returns>Its length; cut to nothing but the question, and said to be, if it does not fit.</returns>
    public static int Write(in DnsQuery query, ReadOnlySpan<byte> message, TimeSpan? age, Span<byte> reply)
    {
        if (DnsQuery.TryReadResponse(message, out var answer) != DnsFault.None || answer.QuestionEnd != query.QuestionEnd)
        {
            return Reply.Write(query, ResponseCode.ServerFailure, reply); // whoever keeps answers has checked them
        }

        if (message.Length > reply.Length)
        {
            var writer = Reply.Begin(query, reply);
            return Reply.End(ref writer, query, answer.Header.Code, DnsHeader.Truncated);
        }

        message.CopyTo(reply);
        BinaryPrimitives.WriteUInt16BigEndian(reply, query.Header.Id);
        query.Message[DnsHeader.Bytes..query.QuestionEnd].CopyTo(reply[DnsHeader.Bytes..]);
        if (age is { Ticks: 0 })
        {
            return message.Length;
        }

        var passed = (uint)Math.Clamp(age?.TotalSeconds ?? 0, 0, uint.MaxValue);
        var records = new RecordReader(message, answer.Header, answer.QuestionEnd);
        while (records.MoveNext())
        {
            if (records.Type != RecordType.Opt)
            {
                var left = age is null ? StaleTtlSeconds : records.Ttl - Math.Min(records.Ttl, passed);
                BinaryPrimitives.WriteUInt32BigEndian(reply[records.TtlOffset..], left);
            }
        }

        return message.Length;
    }

    /// <summary>How long an answer may be kept; null if it may not be.</summary>
    public static TimeSpan? TtlOf(ReadOnlySpan<byte> message, ForwardingOptions options)
    {
        if (DnsQuery.TryReadResponse(message, out var answer) != DnsFault.None || answer.Header.IsTruncated
            || answer.Header.Code is not (ResponseCode.NoError or ResponseCode.NameError) || answer.Type is RecordType.Any or RecordType.Axfr or RecordType.Ixfr)
        {
            return null;
        }

        uint? least = null;
        uint? negative = null;
        var hasAnswer = false;
        var records = new RecordReader(message, answer.Header, answer.QuestionEnd);
        while (records.MoveNext())
        {
            if (records.Type == RecordType.Opt)
            {
                continue;
            }

            hasAnswer |= records.Section == RecordSection.Answer && records.Type == answer.Type;
            negative ??= records.Section == RecordSection.Authority ? records.ReadNegativeTtl() : null;
            least = Math.Min(least ?? uint.MaxValue, records.Ttl > int.MaxValue ? 0 : records.Ttl); // RFC 2181: a negative one is zero
        }

        if (hasAnswer && answer.Header.Code == ResponseCode.NoError)
        {
            return Least(TimeSpan.FromSeconds(least ?? 0), options.PositiveTtlMax);
        }

        // Without an SOA nobody says how long it holds (RFC 2308).
        return negative is { } seconds ? Least(TimeSpan.FromSeconds(Math.Min(seconds, least ?? seconds)), options.NegativeTtlMax) : null;
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

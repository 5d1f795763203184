using System.Collections.Immutable;
using Networking.Dns;
using Networking.Model.Api;

namespace Networking.Netd.Control;

/// <summary>An answer for people.</summary>
internal static class DnsAnswerText
{
    /// <summary>The document of an answer that our own resolver gave.</summary>
    public static DnsAnswerDocument Of(string name, string type, AnswerStage stage, ReadOnlySpan<byte> answer, TimeSpan took)
    {
        var records = ImmutableArray.CreateBuilder<DnsRecordDocument>();
        if (DnsQuery.TryReadResponse(answer, out var query) == DnsFault.None)
        {
            var reader = new RecordReader(answer, query.Header, query.QuestionEnd);
            while (reader.MoveNext())
            {
                if (reader.Type != RecordType.Opt)
                {
                    records.Add(Of(reader));
                }
            }
        }

        return new DnsAnswerDocument
        {
            Name = name,
            Type = type,
            Stage = stage.ToString().ToLowerInvariant(),
            Code = CodeOf(query.Header.Code),
            Milliseconds = Math.Round(took.TotalMilliseconds, 2),
            Records = records.ToImmutable(),
        };
    }

    /// <summary>The result as DNS calls it.</summary>
    public static string CodeOf(ResponseCode code) => code switch
    {
        ResponseCode.NoError => "NOERROR",
        ResponseCode.FormatError => "FORMERR",
        ResponseCode.ServerFailure => "SERVFAIL",
        ResponseCode.NameError => "NXDOMAIN",
        ResponseCode.NotImplemented => "NOTIMP",
        ResponseCode.Refused => "REFUSED",
        _ => $"RCODE{(byte)code}",
    };

    private static DnsRecordDocument Of(RecordReader reader)
    {
        Span<byte> name = stackalloc byte[NameWire.BytesMax];
        var owner = NameText.Of(name[..reader.ReadName(name)]);
        return new DnsRecordDocument { Name = owner, Type = DnsQuestionReader.TextOf(reader.Type), Ttl = reader.Ttl, Data = DataOf(reader, name) };
    }

    private static string DataOf(RecordReader reader, Span<byte> name)
    {
        if (reader.ReadAddress() is { } address)
        {
            return address.ToString();
        }

        if (reader.ReadService(out var priority, out var weight, out var port, name) is var host and > 0)
        {
            return $"{priority} {weight} {port} {NameText.Of(name[..host])}";
        }

        return reader.ReadTarget(name) is var target and > 0 ? NameText.Of(name[..target]) : Convert.ToHexStringLower(reader.Data);
    }
}

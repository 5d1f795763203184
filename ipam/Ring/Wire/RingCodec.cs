using System.Collections.Immutable;
using System.Diagnostics;
using Networking.Ipam.Ring.Authority;
using Networking.Model;
using Networking.Model.Wire;

namespace Networking.Ipam.Ring.Wire;

/// <summary>
/// What nodes say to each other, and to the authority and back, as bytes. One frame has one of them; who sent it is for what carries
/// it to know, which also seals it.
/// <code>
///  0       1      2
///  ┌───────┬──────┬───────────────────────────────────────────────────┐
///  │version│ kind │ nonce or id (8) · the rest: little-endian, LEB128  │
///  └───────┴──────┴───────────────────────────────────────────────────┘
/// </code>
/// A value has one spelling: what is read and written again gives the same bytes. All of a frame is believed, or nothing.
/// </summary>
public static class RingCodec
{
    private const int HeadBytes = 2;

    /// <summary>Writes a message of one node to another.</summary>
    public static byte[] Write(RingMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var writer = new WireWriter(RingWireLimits.MessageBytesMax);
        PutHead(writer, KindOf(message), message.Nonce);
        writer.PutPoolName(message.Pool);
        switch (message)
        {
            case RingMessage.DonationAsk ask:
                writer.PutNumber(ask.Generation);
                writer.PutFlag(ask.IsUrgent);
                break;
            case RingMessage.ClaimAsk ask:
                writer.PutNumber(ask.Generation);
                writer.PutOffset(ask.Offset);
                writer.PutFlag(ask.IsInUse);
                break;
            case RingMessage.Answer answer:
                writer.PutByte((byte)answer.Outcome);
                writer.PutFlag(answer.Record is not null);
                if (answer.Record is { } record)
                {
                    writer.PutRecord(record);
                }

                writer.PutFlag(answer.Known is not null);
                if (answer.Known is { } known)
                {
                    writer.PutClaim(known);
                }

                break;
        }

        return writer.Written.ToArray();
    }

    /// <summary>Writes a request to the authority.</summary>
    public static byte[] Write(AuthorityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var writer = new WireWriter(RingWireLimits.RequestBytesMax);
        PutHead(writer, KindOf(request), request.Id);
        switch (request)
        {
            case AuthorityRequest.Commit commit:
                Invariant.Check(commit.Expected.Length <= RingWireLimits.ExpectedMax && commit.Writes.Length <= commit.Expected.Length, $"a commit names at most {RingWireLimits.ExpectedMax} records, and all it writes");
                writer.PutNumber((ulong)commit.Expected.Length);
                foreach (var expected in commit.Expected)
                {
                    writer.PutUInt64(expected.Node.Value);
                    writer.PutNumber((ulong)(expected.Revision - Expectation.Unknown)); // from 0 on
                }

                writer.PutNumber((ulong)commit.Writes.Length);
                foreach (var record in commit.Writes)
                {
                    writer.PutRecord(record);
                }

                writer.PutPool(commit.NewPool);
                break;
            case AuthorityRequest.ReadPool read:
                writer.PutPoolName(read.Name);
                break;
        }

        return writer.Written.ToArray();
    }

    /// <summary>Writes an answer of the authority.</summary>
    public static byte[] Write(AuthorityAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        Invariant.Check(answer.Records.Length <= RingWireLimits.RecordsMax, $"an answer has at most {RingWireLimits.RecordsMax} records: {answer.Records.Length}");
        var writer = new WireWriter(RingWireLimits.AnswerBytesMax);
        PutHead(writer, RingFrameKind.AuthorityAnswer, answer.Id);
        writer.PutFlag(answer.IsCommitted);
        writer.PutNumber((ulong)answer.Records.Length);
        foreach (var record in answer.Records)
        {
            writer.PutRecord(record);
        }

        writer.PutPool(answer.Pool);
        return writer.Written.ToArray();
    }

    /// <summary>Reads what <see cref="Write(RingMessage)"/> writes, from bytes that anybody may have written. Never throws; memory in proportion.</summary>
    /// <param name="bytes">The frame.</param>
    /// <param name="refusal">Why there is no message.</param>
    public static RingMessage? ReadMessage(ReadOnlySpan<byte> bytes, out RingWireRefusal refusal)
    {
        if (!TryBegin(bytes, RingWireLimits.MessageBytesMax, RingFrameKind.DonationAsk, RingFrameKind.Answer, out var kind, out var reader, out refusal))
        {
            return null;
        }

        var nonce = reader.ReadNonce(isNoneAllowed: kind == RingFrameKind.Answer);
        var pool = reader.ReadPoolName();
        RingMessage message = kind switch
        {
            RingFrameKind.DonationAsk => new RingMessage.DonationAsk(nonce, pool, reader.ReadGeneration(), reader.ReadFlag()),
            RingFrameKind.ClaimAsk => new RingMessage.ClaimAsk(nonce, pool, reader.ReadGeneration(), reader.ReadOffset(), reader.ReadFlag()),
            _ => new RingMessage.Answer(nonce, pool, (AskOutcome)reader.ReadChoice((byte)AskOutcome.Reserved),
                reader.ReadFlag() ? reader.ReadRecord() : null, reader.ReadFlag() ? reader.ReadClaim() : null),
        };
        return Whole(message, reader, out refusal);
    }

    /// <summary>Reads what <see cref="Write(AuthorityRequest)"/> writes, as <see cref="ReadMessage"/> does.</summary>
    /// <param name="bytes">The frame.</param>
    /// <param name="refusal">Why there is no request.</param>
    public static AuthorityRequest? ReadRequest(ReadOnlySpan<byte> bytes, out RingWireRefusal refusal)
    {
        if (!TryBegin(bytes, RingWireLimits.RequestBytesMax, RingFrameKind.Commit, RingFrameKind.ReadPool, out var kind, out var reader, out refusal))
        {
            return null;
        }

        var id = reader.ReadNonce(isNoneAllowed: false);
        AuthorityRequest request = kind switch
        {
            RingFrameKind.Commit => ReadCommit(id, ref reader),
            RingFrameKind.List => new AuthorityRequest.List(id),
            _ => new AuthorityRequest.ReadPool(id, reader.ReadPoolName()),
        };
        return Whole(request, reader, out refusal);
    }

    /// <summary>Reads what <see cref="Write(AuthorityAnswer)"/> writes, as <see cref="ReadMessage"/> does.</summary>
    /// <param name="bytes">The frame.</param>
    /// <param name="refusal">Why there is no answer.</param>
    public static AuthorityAnswer? ReadAnswer(ReadOnlySpan<byte> bytes, out RingWireRefusal refusal) =>
        TryBegin(bytes, RingWireLimits.AnswerBytesMax, RingFrameKind.AuthorityAnswer, RingFrameKind.AuthorityAnswer, out _, out var reader, out refusal)
            ? Whole(new AuthorityAnswer(reader.ReadNonce(isNoneAllowed: false), reader.ReadFlag(), reader.ReadRecords(RingWireLimits.RecordsMax), reader.ReadPool()), reader, out refusal)
            : null;

    private static AuthorityRequest.Commit ReadCommit(long id, ref WireReader reader)
    {
        var count = reader.ReadCount(RecordWire.ExpectationBytesMin, RingWireLimits.ExpectedMax);
        var expected = ImmutableArray.CreateBuilder<Expectation>(count);
        for (var i = 0; i < count; i++)
        {
            expected.Add(new Expectation(reader.ReadOwner(), (long)reader.ReadNumber(long.MaxValue) + Expectation.Unknown));
        }

        var commit = new AuthorityRequest.Commit(id, expected.DrainToImmutable(), reader.ReadRecords(count), reader.ReadPool());
        if (commit.Writes.Any(w => commit.Expected.All(e => e.Node != w.Owner)))
        {
            reader.Fail();
        }

        return commit;
    }

    private static bool TryBegin(ReadOnlySpan<byte> bytes, int lengthMax, RingFrameKind first, RingFrameKind last, out RingFrameKind kind, out WireReader reader, out RingWireRefusal refusal)
    {
        kind = bytes.Length < HeadBytes ? default : (RingFrameKind)bytes[1];
        reader = new WireReader(bytes.Length < HeadBytes ? [] : bytes[HeadBytes..]);
        refusal = bytes.Length < HeadBytes ? RingWireRefusal.Truncated
            : bytes.Length > lengthMax ? RingWireRefusal.Oversize
            : bytes[0] != RingWireLimits.Version ? RingWireRefusal.UnknownVersion
            : kind < first || kind > last ? RingWireRefusal.UnknownKind
            : RingWireRefusal.None;
        return refusal == RingWireRefusal.None;
    }

    private static T? Whole<T>(T value, WireReader reader, out RingWireRefusal refusal)
        where T : class
    {
        refusal = reader.HasFailed || !reader.IsAtEnd ? RingWireRefusal.Malformed : RingWireRefusal.None;
        return refusal == RingWireRefusal.None ? value : null;
    }

    private static void PutHead(WireWriter writer, RingFrameKind kind, long nonce)
    {
        writer.PutByte(RingWireLimits.Version);
        writer.PutByte((byte)kind);
        writer.PutUInt64((ulong)nonce);
    }

    private static RingFrameKind KindOf(RingMessage message) => message switch
    {
        RingMessage.DonationAsk => RingFrameKind.DonationAsk,
        RingMessage.ClaimAsk => RingFrameKind.ClaimAsk,
        RingMessage.Answer => RingFrameKind.Answer,
        _ => throw new UnreachableException(message.GetType().Name),
    };

    private static RingFrameKind KindOf(AuthorityRequest request) => request switch
    {
        AuthorityRequest.Commit => RingFrameKind.Commit,
        AuthorityRequest.List => RingFrameKind.List,
        AuthorityRequest.ReadPool => RingFrameKind.ReadPool,
        _ => throw new UnreachableException(request.GetType().Name),
    };

    /// <summary>Second byte of each frame.</summary>
    private enum RingFrameKind : byte
    {
        DonationAsk = 1,
        ClaimAsk = 2,
        Answer = 3,
        Commit = 4,
        List = 5,
        ReadPool = 6,
        AuthorityAnswer = 7,
    }
}

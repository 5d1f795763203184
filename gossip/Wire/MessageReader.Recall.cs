using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Model.Wire;

namespace Networking.Gossip.Wire;

/// <summary>News that was read before: how long it is and whom it is about is looked at, the rest only if its bytes are not remembered.</summary>
internal static partial class MessageReader
{
    private static Row RecallRow(ref WireReader reader, WireMemo memo)
    {
        var start = reader.Rest;
        var ahead = reader;
        _ = ahead.ReadBlock(WireLimits.TableBytesMax);
        _ = ahead.ReadBlock(WireLimits.KeyBytesMax);
        var owner = ahead.ReadNode();
        var version = ahead.ReadNumber();
        if (ahead.ReadByte() != 0)
        {
            return ReadRow(ref reader); // removed: the time that is left of it is another each time
        }

        _ = ahead.ReadBlock(WireLimits.ValueBytesMax);
        if (!ahead.HasFailed && memo.FindRow(owner, version, Between(start, ahead)) is { } known)
        {
            reader = ahead;
            return known;
        }

        var row = ReadRow(ref reader);
        if (!reader.HasFailed)
        {
            memo.Keep(row, Between(start, reader));
        }

        return row;
    }

    private static MemberMessage RecallFact(ref WireReader reader, WireMemo memo)
    {
        var start = reader.Rest;
        var ahead = reader;
        var id = ahead.ReadNode();
        var incarnation = ReadIncarnation(ref ahead);
        _ = ahead.ReadAddress();
        _ = ahead.ReadUInt64();
        _ = ahead.ReadNumber();
        if (!ahead.HasFailed && memo.FindFact(id, incarnation, Between(start, ahead)) is { } known)
        {
            reader = ahead;
            return known;
        }

        var message = new MemberMessage(ReadFact(ref reader, MemberStatus.Alive));
        if (!reader.HasFailed)
        {
            memo.Keep(message, Between(start, reader));
        }

        return message;
    }

    private static ReadOnlySpan<byte> Between(ReadOnlySpan<byte> start, WireReader reader) => start[..^reader.Rest.Length];
}

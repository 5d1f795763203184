using System.Collections.Immutable;
using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Model.Wire;

namespace Networking.Gossip.Wire;

/// <summary>
/// Bytes to messages, all or none: of a frame with one malformed message nothing is believed. Never throws; memory stays in
/// proportion to the bytes.
/// </summary>
internal static partial class MessageReader
{
    private const int RowBytesMin = 13;

    /// <param name="bytes">The messages of one frame.</param>
    /// <param name="messages">Where they are put; empty if they cannot be read.</param>
    /// <param name="memo">What was read before; null for nothing.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, List<Message> messages, WireMemo? memo = null)
    {
        messages.Clear();
        var reader = new WireReader(bytes);
        while (!reader.IsAtEnd)
        {
            if (Read(ref reader, memo) is not { } message || reader.HasFailed)
            {
                messages.Clear();
                return false;
            }

            messages.Add(message);
        }

        return !reader.HasFailed;
    }

    private static Message? Read(ref WireReader reader, WireMemo? memo)
    {
        var kind = (MessageKind)reader.ReadByte();
        return kind switch
        {
            MessageKind.Ping => new PingMessage(reader.ReadUInt32(), reader.ReadNode()),
            MessageKind.Ack => new AckMessage(reader.ReadUInt32()),
            MessageKind.Nack => new NackMessage(reader.ReadUInt32()),
            MessageKind.PingRequest => new PingRequestMessage(reader.ReadUInt32(), reader.ReadNode(), reader.ReadAddress()),
            MessageKind.Alive when memo is not null => RecallFact(ref reader, memo),
            >= MessageKind.Alive and <= MessageKind.Left => new MemberMessage(ReadFact(ref reader, (MemberStatus)(kind - MessageKind.Alive))),
            MessageKind.Record => new MemberMessage(ReadRecord(ref reader)),
            MessageKind.Rows => ReadRows(ref reader, memo),
            MessageKind.Summary => new SummaryMessage(reader.ReadUInt64(), ReadScopes(ref reader)),
            MessageKind.Opening => ReadOpening(ref reader),
            MessageKind.WantMembers => new WantMembersMessage(reader.ReadUInt32()),
            MessageKind.Owners => ReadOwners(ref reader),
            MessageKind.Versions => ReadVersions(ref reader),
            MessageKind.WantRows => ReadWantRows(ref reader),
            MessageKind.EndOfTurn => new EndOfTurnMessage(),
            _ => null,
        };
    }

    private static MemberFact ReadFact(ref WireReader reader, MemberStatus status)
    {
        var id = reader.ReadNode();
        var incarnation = ReadIncarnation(ref reader);
        return status switch
        {
            MemberStatus.Alive => new MemberFact(id, incarnation, status, ReadInfo(ref reader, incarnation)),
            MemberStatus.Left => new MemberFact(id, incarnation, status),
            _ => new MemberFact(id, incarnation, status, null, reader.ReadNode()),
        };
    }

    private static MemberFact ReadRecord(ref WireReader reader)
    {
        var id = reader.ReadNode();
        var incarnation = ReadIncarnation(ref reader);
        var status = reader.ReadByte();
        var from = reader.ReadNode();
        var age = reader.ReadNumber();
        var infoIncarnation = ReadIncarnation(ref reader);
        if (status > (byte)MemberStatus.Left || age > uint.MaxValue || infoIncarnation > incarnation)
        {
            reader.Fail();
        }

        return new MemberFact(id, incarnation, (MemberStatus)status, ReadInfo(ref reader, infoIncarnation), from, (uint)age);
    }

    private static MemberInfo ReadInfo(ref WireReader reader, uint incarnation) =>
        new(incarnation, reader.ReadAddress(), reader.ReadUInt64(), reader.ReadNumber());

    private static uint ReadIncarnation(ref WireReader reader)
    {
        var number = reader.ReadNumber();
        if (number is 0 or > WireLimits.IncarnationMax)
        {
            reader.Fail();
        }

        return (uint)number;
    }

    private static RowsMessage ReadRows(ref WireReader reader, WireMemo? memo)
    {
        var scope = reader.ReadScope();
        var count = ReadListCount(ref reader, RowBytesMin);
        var rows = new List<Row>(count);
        for (var i = 0; i < count && !reader.HasFailed; i++)
        {
            rows.Add(memo is null ? ReadRow(ref reader) : RecallRow(ref reader, memo));
        }

        return new RowsMessage(scope, rows);
    }

    private static Row ReadRow(ref WireReader reader)
    {
        var key = new RowKey(reader.ReadText(WireLimits.TableBytesMax), reader.ReadText(WireLimits.KeyBytesMax));
        var owner = reader.ReadNode();
        var version = reader.ReadNumber();
        var removed = reader.ReadByte();
        if (key.Table.Length == 0 || key.Key.Length == 0 || version == 0 || removed > 1)
        {
            reader.Fail();
        }

        return removed == 1
            ? new Row(key, owner, version, [], TimeSpan.FromSeconds(reader.ReadUInt16()))
            : new Row(key, owner, version, ImmutableArray.Create(reader.ReadBlock(WireLimits.ValueBytesMax)));
    }

    private static OpeningMessage ReadOpening(ref WireReader reader)
    {
        var members = new ulong[Roster.Buckets];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = reader.ReadUInt64();
        }

        return new OpeningMessage(members, ReadScopes(ref reader));
    }

    private static List<ScopeDigest> ReadScopes(ref WireReader reader)
    {
        var count = ReadListCount(ref reader, 9);
        var scopes = new List<ScopeDigest>(count);
        for (var i = 0; i < count && !reader.HasFailed; i++)
        {
            scopes.Add(new ScopeDigest(reader.ReadScope(), reader.ReadUInt64()));
        }

        return scopes;
    }

    private static OwnersMessage ReadOwners(ref WireReader reader)
    {
        var scope = reader.ReadScope();
        var count = ReadListCount(ref reader, 16);
        var owners = new List<OwnerDigest>(count);
        for (var i = 0; i < count && !reader.HasFailed; i++)
        {
            owners.Add(new OwnerDigest(reader.ReadNode(), reader.ReadUInt64()));
        }

        return new OwnersMessage(scope, owners);
    }

    private static VersionsMessage ReadVersions(ref WireReader reader)
    {
        var scope = reader.ReadScope();
        var owner = reader.ReadNode();
        var count = ReadListCount(ref reader, 9);
        var rows = new List<RowVersion>(count);
        for (var i = 0; i < count && !reader.HasFailed; i++)
        {
            rows.Add(new RowVersion(reader.ReadUInt64(), reader.ReadNumber()));
        }

        return new VersionsMessage(scope, owner, rows);
    }

    private static WantRowsMessage ReadWantRows(ref WireReader reader)
    {
        var scope = reader.ReadScope();
        var owner = reader.ReadNode();
        var count = ReadListCount(ref reader, 8);
        var hashes = new List<ulong>(count);
        for (var i = 0; i < count && !reader.HasFailed; i++)
        {
            hashes.Add(reader.ReadUInt64());
        }

        return new WantRowsMessage(scope, owner, hashes);
    }

    private static int ReadListCount(ref WireReader reader, int bytesEach)
    {
        var count = reader.ReadCount(bytesEach);
        if (count > MessageWriter.ListMax)
        {
            reader.Fail();
            return 0;
        }

        return count;
    }
}

using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Model.Wire;

namespace Networking.Gossip.Wire;

/// <summary>First byte of each message.</summary>
internal enum MessageKind : byte
{
    Ping = 1,
    Ack = 2,
    Nack = 3,
    PingRequest = 4,
    Alive = 5,
    Suspect = 6,
    Failed = 7,
    Left = 8,
    Record = 9,
    Rows = 10,
    Summary = 11,
    Opening = 12,
    WantMembers = 13,
    Owners = 14,
    Versions = 15,
    WantRows = 16,
    EndOfTurn = 17,
}

/// <summary>Messages to bytes. <see cref="MessageReader"/> is its other half.</summary>
internal static class MessageWriter
{
    /// <summary>Rows in one message, and entries of one list, at most.</summary>
    public const int ListMax = 20_000;

    public static void Put(WireWriter writer, Message message)
    {
        switch (message)
        {
            case PingMessage ping:
                PutHead(writer, MessageKind.Ping, ping.Sequence);
                writer.PutNode(ping.Target);
                break;
            case AckMessage ack:
                PutHead(writer, MessageKind.Ack, ack.Sequence);
                break;
            case NackMessage nack:
                PutHead(writer, MessageKind.Nack, nack.Sequence);
                break;
            case PingRequestMessage request:
                PutHead(writer, MessageKind.PingRequest, request.Sequence);
                writer.PutNode(request.Target);
                writer.PutAddress(request.Address);
                break;
            case MemberMessage member:
                PutFact(writer, member.Fact);
                break;
            case RowsMessage rows:
                PutRowsHead(writer, rows.Scope);
                writer.PutNumber((ulong)rows.Rows.Count);
                rows.Rows.ForEach(row => PutRow(writer, row, row.Residual));
                break;
            default:
                PutComparison(writer, message);
                break;
        }
    }

    public static void PutRowsHead(WireWriter writer, ScopeId scope)
    {
        writer.PutByte((byte)MessageKind.Rows);
        writer.PutScope(scope);
    }

    /// <summary>A row; a removed one with what is left of its time.</summary>
    public static void PutRow(WireWriter writer, Row row, TimeSpan? residual)
    {
        writer.PutText(row.Key.Table);
        writer.PutText(row.Key.Key);
        writer.PutNode(row.Owner);
        writer.PutNumber(row.Version);
        writer.PutByte(row.IsRemoved ? (byte)1 : (byte)0);
        if (row.IsRemoved)
        {
            writer.PutUInt16((ushort)Math.Clamp(Math.Ceiling((residual ?? TimeSpan.Zero).TotalSeconds), 0, ushort.MaxValue));
        }
        else
        {
            writer.PutBlock(row.Value.AsSpan());
        }
    }

    public static void PutFact(WireWriter writer, MemberFact fact)
    {
        var isRecord = fact.Info is not null && (fact.Status != MemberStatus.Alive || fact.Info.Incarnation != fact.Incarnation);
        writer.PutByte((byte)(isRecord ? (int)MessageKind.Record : (int)MessageKind.Alive + (int)fact.Status));
        writer.PutNode(fact.Id);
        writer.PutNumber(fact.Incarnation);
        if (isRecord)
        {
            writer.PutByte((byte)fact.Status);
            writer.PutNode(fact.From.IsNone ? fact.Id : fact.From);
            writer.PutNumber(fact.AgeSeconds);
            writer.PutNumber(fact.Info!.Incarnation); // a record has its info: see above
        }

        if (fact.Info is { } info)
        {
            writer.PutAddress(info.Address);
            writer.PutUInt64(info.Run);
            writer.PutNumber(info.RowFloor);
        }
        else if (fact.Status is MemberStatus.Suspect or MemberStatus.Failed)
        {
            writer.PutNode(fact.From);
        }
    }

    private static void PutComparison(WireWriter writer, Message message)
    {
        switch (message)
        {
            case SummaryMessage summary:
                writer.PutByte((byte)MessageKind.Summary);
                writer.PutUInt64(summary.Members);
                PutScopes(writer, summary.Scopes);
                break;
            case OpeningMessage opening:
                writer.PutByte((byte)MessageKind.Opening);
                Array.ForEach(opening.Members, writer.PutUInt64);
                PutScopes(writer, opening.Scopes);
                break;
            case WantMembersMessage want:
                PutHead(writer, MessageKind.WantMembers, want.Buckets);
                break;
            case OwnersMessage owners:
                writer.PutByte((byte)MessageKind.Owners);
                writer.PutScope(owners.Scope);
                writer.PutNumber((ulong)owners.Owners.Count);
                foreach (var (owner, digest) in owners.Owners)
                {
                    writer.PutNode(owner);
                    writer.PutUInt64(digest);
                }

                break;
            case VersionsMessage versions:
                PutOwnerHead(writer, MessageKind.Versions, versions.Scope, versions.Owner, versions.Rows.Count);
                foreach (var (hash, version) in versions.Rows)
                {
                    writer.PutUInt64(hash);
                    writer.PutNumber(version);
                }

                break;
            case WantRowsMessage want:
                PutOwnerHead(writer, MessageKind.WantRows, want.Scope, want.Owner, want.KeyHashes.Count);
                want.KeyHashes.ForEach(writer.PutUInt64);
                break;
            case EndOfTurnMessage:
                writer.PutByte((byte)MessageKind.EndOfTurn);
                break;
            default:
                throw new System.Diagnostics.UnreachableException(message.GetType().Name);
        }
    }

    private static void PutHead(WireWriter writer, MessageKind kind, uint number)
    {
        writer.PutByte((byte)kind);
        writer.PutUInt32(number);
    }

    private static void PutOwnerHead(WireWriter writer, MessageKind kind, ScopeId scope, NodeId owner, int count)
    {
        writer.PutByte((byte)kind);
        writer.PutScope(scope);
        writer.PutNode(owner);
        writer.PutNumber((ulong)count);
    }

    private static void PutScopes(WireWriter writer, List<ScopeDigest> scopes)
    {
        writer.PutNumber((ulong)scopes.Count);
        foreach (var (scope, digest) in scopes)
        {
            writer.PutScope(scope);
            writer.PutUInt64(digest);
        }
    }
}

using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Sync;

/// <summary>How two nodes' states compare by a summary.</summary>
internal enum Difference
{
    None,

    /// <summary>Something came here just now; it may be on its way to the other.</summary>
    Fresh,

    /// <summary>Nothing changed lately, and yet they differ.</summary>
    Settled,
}

/// <summary>
/// Finds what two nodes do not both have, and sends only that. Each answer follows from the question alone:
/// <code>
///   opening: digests of members by bucket, of rows by scope
///     └► records of buckets that differ, and which are wanted; digests by owner of scopes that differ
///          └► wanted records; versions of the rows of owners that differ
///               └► rows that are newer here, and which are wanted
///                    └► wanted rows
/// </code>
/// </summary>
internal sealed class Comparison(NodeContext context, MemberBook members, TableBook tables)
{
    private const int RowsPerMessage = 256;

    public OpeningMessage Opening() => new(members.Roster.DigestsWith(members.Self), [.. tables.Scopes.Select(static s => new ScopeDigest(s.Scope, s.Digest))]);

    /// <summary>Digests of what this node and a peer both take part in, as much as fits.</summary>
    public SummaryMessage Summary(NodeId peer, int lengthMax)
    {
        var scopes = tables.Scopes.Where(s => tables.Attachments.Has(s.Scope, peer)).ToList();
        var fits = Math.Max(1, (lengthMax - 16) / (ScopeId.Length + 9));
        var start = scopes.Count <= fits ? 0 : context.Random.Next(scopes.Count);
        return new SummaryMessage(MembersDigest(), [.. Enumerable.Range(0, Math.Min(fits, scopes.Count)).Select(i => scopes[(start + i) % scopes.Count]).Select(static s => new ScopeDigest(s.Scope, s.Digest))]);
    }

    public Difference Differs(SummaryMessage summary, TimeSpan settles)
    {
        var difference = Difference.None;
        if (summary.Members != MembersDigest())
        {
            difference = members.Queue.Count > 0 ? Difference.Fresh : Difference.Settled;
        }

        foreach (var (scope, digest) in summary.Scopes)
        {
            if (tables.Find(scope) is { } rows && rows.Digest != digest)
            {
                var isFresh = rows.ChangedAt != TimeSpan.MinValue && context.Now - rows.ChangedAt < settles;
                difference = isFresh && difference != Difference.Settled ? Difference.Fresh : Difference.Settled;
            }
        }

        return difference;
    }

    public void Answer(Message message, List<Message> reply)
    {
        switch (message)
        {
            case OpeningMessage opening:
                AnswerMembers(opening.Members, reply);
                opening.Scopes.ForEach(s => AnswerScope(s, reply));
                break;
            case WantMembersMessage want:
                AddRecords(want.Buckets, reply);
                break;
            case OwnersMessage owners:
                AnswerOwners(owners, reply);
                break;
            case VersionsMessage versions:
                AnswerVersions(versions, reply);
                break;
            case WantRowsMessage want when tables.Find(want.Scope)?.Find(want.Owner) is { } owner:
                var hashes = want.KeyHashes.ToHashSet();
                AddRows(want.Scope, owner.All.Where(h => hashes.Contains(h.Row.KeyHash)), reply);
                break;
            default:
                break; // nothing to say to it
        }
    }

    private ulong MembersDigest()
    {
        var sum = 0UL;
        foreach (var digest in members.Roster.DigestsWith(members.Self))
        {
            sum = Hashing.Mix(sum, digest);
        }

        return sum;
    }

    private void AnswerMembers(ulong[] theirs, List<Message> reply)
    {
        var ours = members.Roster.DigestsWith(members.Self);
        var differing = 0U;
        for (var i = 0; i < ours.Length; i++)
        {
            differing |= ours[i] != theirs[i] ? 1U << i : 0;
        }

        if (differing != 0)
        {
            AddRecords(differing, reply);
            reply.Add(new WantMembersMessage(differing));
        }
    }

    private void AddRecords(uint buckets, List<Message> reply)
    {
        if (IsIn(members.Id))
        {
            reply.Add(new MemberMessage(members.Self));
        }

        foreach (var member in members.Roster.Others)
        {
            // One gone for long is not in the digest, and not passed on: else it would never be forgotten.
            if (IsIn(member.Id) && member.DigestPart != 0)
            {
                reply.Add(new MemberMessage(member.Fact(context.Now)));
            }
        }

        bool IsIn(NodeId id) => (buckets & (1U << Roster.BucketOf(id))) != 0;
    }

    private void AnswerScope(ScopeDigest theirs, List<Message> reply)
    {
        if (tables.Find(theirs.Scope) is { } rows && rows.Digest != theirs.Digest)
        {
            reply.Add(new OwnersMessage(rows.Scope, [.. rows.Owners.Where(static o => o.SharedDigest != 0).Select(static o => new OwnerDigest(o.Owner, o.SharedDigest))]));
        }
    }

    private void AnswerOwners(OwnersMessage message, List<Message> reply)
    {
        if (tables.Find(message.Scope) is not { } rows)
        {
            return;
        }

        var theirs = new Dictionary<NodeId, ulong>();
        message.Owners.ForEach(o => theirs[o.Owner] = o.Digest);
        foreach (var owner in rows.Owners)
        {
            if (theirs.Remove(owner.Owner, out var digest) ? digest != owner.Digest : owner.SharedDigest != 0)
            {
                reply.Add(Versions(rows.Scope, owner));
            }
        }

        foreach (var unknown in theirs.Keys.Order())
        {
            reply.Add(new VersionsMessage(rows.Scope, unknown, []));
        }
    }

    private static VersionsMessage Versions(ScopeId scope, OwnerRows owner) =>
        new(scope, owner.Owner, [.. owner.All.Select(static h => new RowVersion(h.Row.KeyHash, h.Row.Version))]);

    private void AnswerVersions(VersionsMessage message, List<Message> reply)
    {
        if (tables.Find(message.Scope) is not { } rows)
        {
            return;
        }

        var theirs = new Dictionary<ulong, ulong>();
        message.Rows.ForEach(r => theirs[r.KeyHash] = r.Version);
        var newer = new List<HeldRow>();
        var wanted = new List<ulong>();
        foreach (var held in rows.Find(message.Owner)?.All ?? [])
        {
            var isTheirs = theirs.Remove(held.Row.KeyHash, out var version);
            if (!isTheirs || version < held.Row.Version)
            {
                newer.Add(held);
            }
            else if (version > held.Row.Version)
            {
                wanted.Add(held.Row.KeyHash);
            }
        }

        wanted.AddRange(theirs.Keys);
        wanted.Sort();
        AddRows(rows.Scope, newer, reply);
        if (wanted.Count > 0)
        {
            reply.Add(new WantRowsMessage(rows.Scope, message.Owner, wanted));
        }
    }

    private void AddRows(ScopeId scope, IEnumerable<HeldRow> rows, List<Message> reply)
    {
        foreach (var chunk in rows.Chunk(RowsPerMessage))
        {
            reply.Add(new RowsMessage(scope, [.. chunk.Select(h => h.Row.IsRemoved ? new Row(h.Row.Key, h.Row.Owner, h.Row.Version, [], h.ResidualAt(context.Now)) : h.Row)]));
        }
    }
}

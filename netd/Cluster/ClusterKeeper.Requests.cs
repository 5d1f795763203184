using System.Collections.Immutable;
using System.Net;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Gossip.Shell;
using Networking.Gossip.Wire;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Cluster;

/// <summary>A method a request.</summary>
internal sealed partial class ClusterKeeper
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>This node's place, and what <paramref name="lines"/> say of a request.</summary>
    public async Task<ClusterDocument> StatusAsync(CancellationToken cancellationToken, params IEnumerable<string> lines)
    {
        var (record, shell) = (Record, Shell);
        var document = new ClusterDocument
        {
            State = shell is not null ? "on" : record is { IsMember: true } ? "failed" : "off",
            Reason = shell is null && record is { IsMember: true } ? _failure : null,
            NodeId = record?.NodeId,
            Incarnation = record?.Incarnation ?? 0,
            Seeds = record?.Seeds ?? [],
            Keys = ClusterRing.Documents(record, withSecrets: false),
            Lines = [.. lines],
        };
        return shell is null ? document : await shell.AskAsync(n => Described(document, n, shell), cancellationToken);
    }

    /// <summary>Every member known, by id.</summary>
    public async Task<NodeDocument[]> NodesAsync(CancellationToken cancellationToken) => Shell is not { } shell
        ? []
        : await shell.AskAsync(
            static n =>
            (NodeDocument[])[.. n.Members.Select(static m => Node(m, isThis: false)).Append(Node(new MemberView(n.Id, MemberStatus.Alive, n.Incarnation, n.Address), isThis: true)).OrderBy(static d => d.Id, StringComparer.Ordinal)],
            cancellationToken);

    /// <summary>The keyring.</summary>
    public ClusterKeyDocument[] Keys(bool withSecrets) => [.. ClusterRing.Documents(Record, withSecrets)];

    public Task<ClusterDocument> InitAsync(InitClusterRequest request, bool isDryRun, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            RefuseMember("begin another");
            Validate(request.Listen, request.Advertise, []);
            if (isDryRun)
            {
                return await StatusAsync(cancellationToken, "would draw a key and begin a cluster of this node alone");
            }

            await EnterAsync((Record ?? New()) with { IsMember = true, Listen = request.Listen, Advertise = request.Advertise, Keys = [ClusterRing.Draw()], SealingKey = 0, Seeds = [], Peers = [] }, cancellationToken);
            return await StatusAsync(
                cancellationToken,
                "a cluster of this node alone has begun",
                "the key for others: netctl cluster keys ls --secrets --quiet > FILE",
                "on another host: netctl cluster join ADDRESS --key-file FILE");
        },
        cancellationToken);

    /// <param name="request">Whom, and with which key.</param>
    /// <param name="isDryRun">Only say what would be done.</param>
    /// <param name="patience">How long an answer is awaited.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<ClusterDocument> JoinAsync(JoinClusterRequest request, bool isDryRun, TimeSpan patience, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            var seeds = Validate(request.Listen, request.Advertise, request.Addresses);
            var key = KeyFor(request);
            if (isDryRun)
            {
                return await StatusAsync(cancellationToken, $"would speak to {string.Join(", ", seeds)}");
            }

            if (Shell is { } running)
            {
                Change(r => r with { Seeds = [.. r.Seeds.Union(seeds)] });
                await running.DoAsync(new GossipInput.Join([.. seeds.Select(static s => PeerAddress.From(ClusterAddress.Read(s)))]));
            }
            else
            {
                var record = Record ?? New();
                await EnterAsync(record with { IsMember = true, Listen = request.Listen, Advertise = request.Advertise, Keys = key is null ? record.Keys : [key], SealingKey = key is null ? record.SealingKey : 0, Seeds = seeds, Peers = [] }, cancellationToken);
            }

            var met = await MeetAsync(Shell!, seeds, patience, cancellationToken); // it runs, one way or the other
            return await StatusAsync(cancellationToken, met
                ? "joined"
                : $"pending: nobody answers yet at {string.Join(", ", seeds)}; tried again for as long as it takes. Is it the cluster's key, and is port {ClusterAddress.Port} open for UDP and TCP?");
        },
        cancellationToken);

    public Task<ClusterDocument> LeaveAsync(bool isDryRun, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            if (Record is not { IsMember: true })
            {
                return await StatusAsync(cancellationToken, "this node is in no cluster");
            }

            if (isDryRun)
            {
                return await StatusAsync(cancellationToken, "would say goodbye and forget the keys");
            }

            if (Shell is { } shell)
            {
                await shell.LeaveAsync();
                await EndAsync(shell);
            }

            Save(Record! with { IsMember = false, HasLeft = true, Keys = [], SealingKey = 0, Seeds = [], Peers = [] });
            _failure = null;
            return await StatusAsync(cancellationToken, "left; the keys are forgotten here");
        },
        cancellationToken);

    /// <summary>Adds a key to the ring of this node.</summary>
    public Task<ClusterDocument> AddKeyAsync(AddClusterKeyRequest request, bool isDryRun, CancellationToken cancellationToken)
    {
        Secret? key = null;
        if (request.Key is { } text && ClusterRing.TryRead(text, out key) is { } problem)
        {
            throw new RefusedException(Refusal.Of(400, "key.invalid", "key", problem));
        }

        key ??= ClusterRing.Draw();
        return ChangeKeysAsync(
            record => record.Keys.Contains(key) ? Refusal.Of(409, "key.present", "key", $"the ring has key {ClusterRing.TagOf(key)} already")
                : record.Keys.Length >= Keyring.KeysMax ? Refusal.Of(409, "key.full", null, $"the ring has {Keyring.KeysMax} keys, as many as there can be", "netctl cluster keys rm TAG of one that no node seals with any more")
                : null,
            record => record with { Keys = record.Keys.Add(key) },
            $"key {ClusterRing.TagOf(key)} is accepted by this node; add it to every other (netctl cluster keys ls --secrets), and only then: netctl cluster keys use {ClusterRing.TagOf(key)}",
            isDryRun,
            cancellationToken);
    }

    /// <summary>Seals with a key from now on.</summary>
    public Task<ClusterDocument> UseKeyAsync(string tag, bool isDryRun, CancellationToken cancellationToken) => ChangeKeysAsync(
        record => UnknownKey(record, tag),
        record => record with { SealingKey = ClusterRing.IndexOf(record, tag) },
        $"this node seals with key {tag}; do the same on every other before the old key goes",
        isDryRun,
        cancellationToken);

    /// <summary>Accepts a key no longer.</summary>
    public Task<ClusterDocument> RemoveKeyAsync(string tag, bool isDryRun, CancellationToken cancellationToken) => ChangeKeysAsync(
        record => UnknownKey(record, tag)
            ?? (ClusterRing.IndexOf(record, tag) == record.SealingKey ? Refusal.Of(409, "key.sealing", null, $"this node seals with key {tag}", "netctl cluster keys use ANOTHER first") : null),
        record => ClusterRing.Without(record, ClusterRing.IndexOf(record, tag)),
        $"key {tag} opens nothing any more on this node",
        isDryRun,
        cancellationToken);

    private static Refusal? UnknownKey(ClusterRecord record, string tag) => ClusterRing.IndexOf(record, tag) >= 0
        ? null
        : Refusal.Of(404, "key.unknown", null, $"no key of the ring has the tag '{tag}'", $"there are {string.Join(", ", record.Keys.Select(ClusterRing.TagOf))}");

    private Task<ClusterDocument> ChangeKeysAsync(
        Func<ClusterRecord, Refusal?> refuse, Func<ClusterRecord, ClusterRecord> change, string line, bool isDryRun, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            if (Record is not { IsMember: true } record)
            {
                throw new RefusedException(Refusal.Of(409, "cluster.off", null, "this node is in no cluster, and has no keys", "netctl cluster init, or netctl cluster join"));
            }

            if (refuse(record) is { } refusal)
            {
                throw new RefusedException(refusal);
            }

            if (isDryRun)
            {
                return await StatusAsync(cancellationToken, $"would: {line}");
            }

            Save(change(Record!)); // as above; its incarnation may be a later one by now
            if (Shell is { } shell)
            {
                await shell.DoAsync(new GossipInput.SetKeys(ClusterRing.Of(Record!)));
            }

            return await StatusAsync(cancellationToken, line);
        },
        cancellationToken);

    private async Task<ClusterDocument> InTurnAsync(Func<Task<ClusterDocument>> act, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await act();
        }
        catch (Exception e) when (e is StoreException or IOException)
        {
            throw new RefusedException(Refusal.Of(503, "cluster.store", null, e.Message, "make room on the disk, and try again"));
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <summary>Takes part by a record; if that fails, nothing has changed.</summary>
    private async Task EnterAsync(ClusterRecord record, CancellationToken cancellationToken)
    {
        var before = Record;
        Save(record);
        try
        {
            await BeginAsync(cancellationToken);
        }
        catch
        {
            Save(before ?? record with { IsMember = false, Keys = [], Seeds = [] });
            throw;
        }
    }

    private void RefuseMember(string what)
    {
        if (Record is { IsMember: true })
        {
            throw new RefusedException(Refusal.Of(409, "cluster.member", null, $"this node is in a cluster and cannot {what}", "netctl cluster leave first"));
        }
    }

    private Secret? KeyFor(JoinClusterRequest request)
    {
        if (request.Key is null)
        {
            return Record is { IsMember: true } ? null
                : throw new RefusedException(Refusal.Of(400, "key.missing", "key", "a key of the cluster is needed to join it", "on a member: netctl cluster keys ls --secrets --quiet > FILE; here: --key-file FILE"));
        }

        if (ClusterRing.TryRead(request.Key, out var key) is { } problem)
        {
            throw new RefusedException(Refusal.Of(400, "key.invalid", "key", problem));
        }

        if (Record is { IsMember: true } record && !record.Keys.Contains(key!)) // it was read
        {
            RefuseMember("join one with another key");
        }

        return key;
    }

    private static ImmutableArray<string> Validate(string? listen, string? advertise, ImmutableArray<string> addresses)
    {
        var problems = new List<Problem>();
        if (listen is not null && ClusterAddress.TryRead(listen, out _) is { } wrong)
        {
            problems.Add(new Problem("address.invalid", "listen", wrong));
        }

        if (advertise is not null && ClusterAddress.TryReadPeer(advertise, out _) is { } unclear)
        {
            problems.Add(new Problem("address.invalid", "advertise", unclear));
        }

        var read = new List<IPEndPoint>();
        foreach (var address in addresses)
        {
            if (ClusterAddress.TryReadPeer(address, out var endPoint) is { } problem)
            {
                problems.Add(new Problem("address.invalid", "addresses", problem));
            }

            read.Add(endPoint);
        }

        return problems.Count > 0 ? throw new RefusedException(Refusal.Wrong(problems)) : [.. read.Select(static e => e.ToString()).Distinct()];
    }

    /// <summary>Waits until one of the addresses answers for a member.</summary>
    private async Task<bool> MeetAsync(GossipShell shell, ImmutableArray<string> seeds, TimeSpan patience, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var members = await shell.AskAsync(static n => n.Members, cancellationToken);
            if (members.Any(m => m.Status == MemberStatus.Alive && seeds.Contains(m.Address.ToString())))
            {
                return true;
            }

            if (time.GetElapsedTime(start) >= patience)
            {
                return members.Any(static m => m.Status == MemberStatus.Alive);
            }

            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    private ClusterDocument Described(ClusterDocument document, GossipNode node, GossipShell shell)
    {
        var counts = node.Members.CountBy(static m => m.Status).ToDictionary();
        return document with
        {
            Address = node.Address.ToString(),
            Listen = shell.Listen.ToString(),
            Incarnation = node.Incarnation,
            Health = node.HealthScore,
            Members = new ClusterCountsDocument
            {
                Alive = counts.GetValueOrDefault(MemberStatus.Alive) + 1,
                Suspect = counts.GetValueOrDefault(MemberStatus.Suspect),
                Failed = counts.GetValueOrDefault(MemberStatus.Failed),
                Left = counts.GetValueOrDefault(MemberStatus.Left),
            },
            Troubles =
            [
                .. Enum.GetValues<GossipTrouble>().Where(t => node.CountOf(t) > 0 || news.LastOf(t) is not null)
                    .Select(t => new ClusterTroubleDocument { Kind = t.ToString(), Count = Math.Max(node.CountOf(t), news.LastOf(t) is null ? 0 : 1), Last = news.LastOf(t) }),
            ],
        };
    }

    private static NodeDocument Node(MemberView member, bool isThis) => new()
    {
        Id = member.Id.ToString(),
        Status = member.Status.ToString().ToLowerInvariant(),
        Address = member.Address.ToString(),
        Incarnation = member.Incarnation,
        IsThis = isThis,
    };
}

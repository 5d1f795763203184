using System.Collections.Immutable;
using System.Security.Cryptography;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests.Checks;

/// <summary>What must hold after each step of one start of a node, whatever happened.</summary>
internal sealed class NodeChecks(int number, OldDisks oldDisks)
{
    /// <summary>A member that only a forger with an old key speaks of.</summary>
    public static NodeId Forged { get; } = new(0xbad);

    private readonly Dictionary<NodeId, (uint Incarnation, MemberStatus? Status)> _members = [];
    private readonly Dictionary<(ScopeId, NodeId, RowKey), ImmutableArray<byte>> _watched = [];
    private readonly Dictionary<(ScopeId, NodeId, RowKey), long> _newest = [];
    private readonly HashSet<UInt128> _frames = [];
    private long _revision;
    private uint _incarnation;

    /// <summary>Rows as a reader knows them who only follows changes.</summary>
    public IReadOnlyDictionary<(ScopeId Scope, NodeId Owner, RowKey Key), ImmutableArray<byte>> Watched => _watched;

    /// <summary>How often somebody was believed failed.</summary>
    public int BuriedCount { get; private set; }

    public void After(GossipInput input, GossipNode node, bool wasRefused, List<GossipEffect> effects)
    {
        Demand(node.Incarnation >= _incarnation, $"states incarnation {node.Incarnation} after {_incarnation}");
        _incarnation = node.Incarnation;
        if (input is GossipInput.Packet packet)
        {
            var isNew = _frames.Add(BitConverter.ToUInt128(SHA256.HashData(packet.Bytes.Span)));
            Demand(isNew || wasRefused, "took one packet twice");
        }

        if (input is GossipInput.Detach detach)
        {
            // Who comes back later may hear older rows first.
            foreach (var key in _newest.Keys.Where(k => k.Item1 == detach.Scope).ToList())
            {
                _ = _newest.Remove(key);
            }
        }

        foreach (var effect in effects)
        {
            if (effect is GossipEffect.MemberChanged changed)
            {
                Follow(changed);
            }
            else if (effect is GossipEffect.RowChanged row)
            {
                Follow(row);
            }
        }

        var load = node.Load;
        var bounds = SimulatedNode.Options(PlantedBug.None);
        Demand(load.MemberNews <= _members.Count + 1, $"has {load.MemberNews} news of {_members.Count} members");
        Demand(load.RowNews <= bounds.QueueMax && load.Streams <= bounds.StreamsMax && load.Relays <= 256, $"has {load}");
    }

    private void Follow(GossipEffect.MemberChanged changed)
    {
        Demand(changed.Member != Forged, "believes somebody whose key was removed");
        if (_members.TryGetValue(changed.Member, out var known) && known.Status is not null)
        {
            Demand(changed.Incarnation >= known.Incarnation, $"holds incarnation {changed.Incarnation} of {changed.Member} after {known.Incarnation}");
            Demand(changed.Status is null || changed.Incarnation > known.Incarnation || changed.Status >= known.Status, $"turned {changed.Member} from {known.Status} to {changed.Status} within incarnation {known.Incarnation}");
        }

        BuriedCount += changed.Status == MemberStatus.Failed ? 1 : 0;
        _members[changed.Member] = (changed.Incarnation, changed.Status);
    }

    private void Follow(GossipEffect.RowChanged row)
    {
        Demand(row.Revision == ++_revision, $"numbers a change {row.Revision} after {_revision - 1}");
        var key = (row.Scope, row.Owner, row.Key);
        if (row.Value is not { } value)
        {
            Demand(_watched.Remove(key), $"takes away {row.Key} of {row.Owner}, which it never showed");
            return;
        }

        if (_members.TryGetValue(row.Owner, out var owner))
        {
            Demand(owner.Status is MemberStatus.Alive or MemberStatus.Suspect, $"shows {row.Key} of {row.Owner}, which is {owner.Status}");
        }

        var version = row.Key.Table == "attachment" ? 0 : Wish.Number(value);

        var newest = _newest.GetValueOrDefault(key);
        Demand(version >= newest || oldDisks.Excuses(row.Owner, version, newest), $"shows {row.Key} of {row.Owner} as of {version} after {newest}");
        _newest[key] = Math.Max(version, newest);
        _watched[key] = value;
    }

    private void Demand(bool holds, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure($"node {number} {what}");
        }
    }
}

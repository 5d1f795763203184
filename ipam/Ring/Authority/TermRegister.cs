using System.Collections.Immutable;
using System.Diagnostics;
using Networking.Model;

namespace Networking.Ipam.Ring.Authority;

/// <summary>The register itself, in memory: what an authority does, without the ways to reach it. Not for two threads at a time.</summary>
public sealed class TermRegister
{
    private readonly SortedDictionary<OwnerId, NodeRecord> _nodes = [];
    private readonly SortedDictionary<string, PoolRecord> _pools = new(StringComparer.Ordinal);
    private long _revision;

    /// <summary>An empty register.</summary>
    public TermRegister()
    {
    }

    /// <summary>A register as it was kept: with all that it had, or revisions would mean two things.</summary>
    public TermRegister(IEnumerable<NodeRecord> nodes, IEnumerable<PoolRecord> pools)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(pools);
        foreach (var node in nodes)
        {
            _nodes.Add(node.Owner, node);
            _revision = Math.Max(_revision, node.Revision);
        }

        foreach (var pool in pools)
        {
            _pools.Add(pool.Name, pool);
        }
    }

    /// <summary>All records, by node.</summary>
    public IReadOnlyCollection<NodeRecord> Nodes => _nodes.Values;

    /// <summary>All pools, by name.</summary>
    public IReadOnlyCollection<PoolRecord> Pools => _pools.Values;

    /// <summary>Answers a request.</summary>
    public AuthorityAnswer Answer(AuthorityRequest request) => request switch
    {
        AuthorityRequest.Commit commit => Commit(commit),
        AuthorityRequest.List list => new AuthorityAnswer(list.Id, false, [.. _nodes.Values], null),
        AuthorityRequest.ReadPool read => new AuthorityAnswer(read.Id, false, [], _pools.GetValueOrDefault(read.Name)),
        _ => throw new UnreachableException(request?.GetType().Name),
    };

    private AuthorityAnswer Commit(AuthorityRequest.Commit commit)
    {
        var isCommitted = !commit.Writes.IsEmpty
            && commit.Expected.All(e => (_nodes.GetValueOrDefault(e.Node)?.Revision ?? 0) == e.Revision)
            && (commit.NewPool is not { } pool || !_pools.ContainsKey(pool.Name));
        if (isCommitted)
        {
            Write(commit);
        }

        var current = commit.Expected.Select(e => _nodes.GetValueOrDefault(e.Node)).OfType<NodeRecord>();
        return new AuthorityAnswer(commit.Id, isCommitted, [.. current], commit.NewPool is { } asked ? _pools.GetValueOrDefault(asked.Name) : null);
    }

    private void Write(AuthorityRequest.Commit commit)
    {
        foreach (var record in commit.Writes)
        {
            Invariant.Check(commit.Expected.Any(e => e.Node == record.Owner), $"a commit names what it writes: {record.Owner}");
            if (record.State == RecordState.Forgotten)
            {
                _ = _nodes.Remove(record.Owner);
            }
            else
            {
                _nodes[record.Owner] = record with { Revision = ++_revision };
            }
        }

        if (commit.NewPool is { } pool)
        {
            _pools.Add(pool.Name, pool);
        }
    }
}

using System.Collections.Immutable;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>A store in memory that can be opened again, refuse a commit, and lose what a power loss would take.</summary>
public sealed class InMemoryStore : IIntentStore
{
    private readonly Lock _gate = new(); // guards _content, _durable, Commits
    private StoreContent _content = new();
    private StoreContent _durable = new();

    /// <summary>What is committed.</summary>
    public StoreContent Content
    {
        get
        {
            lock (_gate)
            {
                return _content;
            }
        }
    }

    /// <summary>How many commits were done.</summary>
    public int Commits { get; private set; }

    /// <summary>Says why a commit is refused; null to do it. Asked before anything is changed.</summary>
    public Func<StoreChange, StoreException?>? Refuse { get; set; }

    public StoreContent Load() => Content;

    public Task CommitAsync(StoreChange change, Durability durability, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        cancellationToken.ThrowIfCancellationRequested();
        if (Refuse?.Invoke(change) is { } refusal)
        {
            return Task.FromException(refusal);
        }

        lock (_gate)
        {
            _content = new StoreContent
            {
                Node = change.Node ?? _content.Node,
                Networks = Merge(_content.Networks, change.Networks, change.RemovedNetworks, static n => n.Id, static i => i.Value),
                Sandboxes = Merge(_content.Sandboxes, change.Sandboxes, change.RemovedSandboxes, static s => s.Id, static i => i.Value),
                Endpoints = Merge(_content.Endpoints, change.Endpoints, change.RemovedEndpoints, static e => e.Id, static i => i.Value),
            };
            Commits++;
            if (durability == Durability.Disk)
            {
                _durable = _content; // a synced log carries everything written before it
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>The machine loses power: what was promised to survive the process only is gone.</summary>
    public void LosePower()
    {
        lock (_gate)
        {
            _content = _durable;
        }
    }

    /// <summary>Content stays: the next daemon opens it again.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static ImmutableArray<T> Merge<T, TId>(
        ImmutableArray<T> old, ImmutableArray<T> put, ImmutableArray<TId> removed, Func<T, TId> idOf, Func<TId, string> textOf)
        where TId : struct
    {
        var byId = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var item in old.Concat(put))
        {
            byId[textOf(idOf(item))] = item;
        }

        foreach (var id in removed)
        {
            _ = byId.Remove(textOf(id));
        }

        return [.. byId.Values];
    }
}

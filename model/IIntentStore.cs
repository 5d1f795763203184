using System.Collections.Immutable;

namespace Networking.Model;

/// <summary>How safe a commit is when the promise to the caller is given (DESIGN 4, Durability).</summary>
public enum Durability
{
    /// <summary>Survives kill -9 of the daemon; a power loss may take it. For endpoints and sandboxes, which die with the boot.</summary>
    Process,

    /// <summary>Survives power loss. For networks and the node.</summary>
    Disk,
}

/// <summary>Everything a store holds, as one value.</summary>
public sealed record StoreContent
{
    /// <summary>The node's own record; null in a new store.</summary>
    public NodeRecord? Node { get; init; }

    /// <summary>All networks, ordered by id.</summary>
    public ImmutableArray<NetworkRecord> Networks { get; init; } = [];

    /// <summary>All sandboxes, ordered by id.</summary>
    public ImmutableArray<SandboxRecord> Sandboxes { get; init; } = [];

    /// <summary>All endpoints, ordered by id.</summary>
    public ImmutableArray<EndpointRecord> Endpoints { get; init; } = [];
}

/// <summary>One atomic change of a store: puts replace by id, removals tolerate absence.</summary>
public sealed record StoreChange
{
    /// <summary>The node's record, if it changes.</summary>
    public NodeRecord? Node { get; init; }

    /// <summary>Networks to add or replace.</summary>
    public ImmutableArray<NetworkRecord> Networks { get; init; } = [];

    /// <summary>Networks to remove.</summary>
    public ImmutableArray<NetworkId> RemovedNetworks { get; init; } = [];

    /// <summary>Sandboxes to add or replace.</summary>
    public ImmutableArray<SandboxRecord> Sandboxes { get; init; } = [];

    /// <summary>Sandboxes to remove.</summary>
    public ImmutableArray<SandboxId> RemovedSandboxes { get; init; } = [];

    /// <summary>Endpoints to add or replace.</summary>
    public ImmutableArray<EndpointRecord> Endpoints { get; init; } = [];

    /// <summary>Endpoints to remove.</summary>
    public ImmutableArray<EndpointId> RemovedEndpoints { get; init; } = [];

    /// <summary>
    /// This change and then another as one: the later word about an object counts. Put and removal of one id never
    /// contradict in the result.
    /// </summary>
    public StoreChange Then(StoreChange later)
    {
        ArgumentNullException.ThrowIfNull(later);
        return new StoreChange
        {
            Node = later.Node ?? Node,
            Networks = Puts(Networks, later.Networks, later.RemovedNetworks, static r => r.Id),
            RemovedNetworks = Removals(RemovedNetworks, later.RemovedNetworks, later.Networks, static r => r.Id),
            Sandboxes = Puts(Sandboxes, later.Sandboxes, later.RemovedSandboxes, static r => r.Id),
            RemovedSandboxes = Removals(RemovedSandboxes, later.RemovedSandboxes, later.Sandboxes, static r => r.Id),
            Endpoints = Puts(Endpoints, later.Endpoints, later.RemovedEndpoints, static r => r.Id),
            RemovedEndpoints = Removals(RemovedEndpoints, later.RemovedEndpoints, later.Endpoints, static r => r.Id),
        };
    }

    private static ImmutableArray<TRecord> Puts<TRecord, TId>(
        ImmutableArray<TRecord> earlier, ImmutableArray<TRecord> later, ImmutableArray<TId> removed, Func<TRecord, TId> idOf)
        where TId : struct
    {
        if (earlier.IsEmpty)
        {
            return later;
        }

        var overruled = later.Select(idOf).Concat(removed).ToHashSet();
        return [.. earlier.Where(r => !overruled.Contains(idOf(r))), .. later];
    }

    private static ImmutableArray<TId> Removals<TRecord, TId>(
        ImmutableArray<TId> earlier, ImmutableArray<TId> later, ImmutableArray<TRecord> put, Func<TRecord, TId> idOf)
        where TId : struct
    {
        if (earlier.IsEmpty)
        {
            return later;
        }

        var overruled = put.Select(idOf).ToHashSet();
        return [.. earlier.Where(id => !overruled.Contains(id)), .. later.Except(earlier)];
    }
}

/// <summary>Where intent is kept. One writer; commits that wait at the same time are committed together.</summary>
public interface IIntentStore : IAsyncDisposable
{
    /// <summary>Reads everything; called once at start.</summary>
    /// <exception cref="StoreException">The store cannot be read: it names the file and what to do.</exception>
    StoreContent Load();

    /// <summary>Commits a change; when it returns, the promise of <paramref name="durability"/> holds.</summary>
    /// <exception cref="StoreException">Nothing of the change was committed (a full disk, say).</exception>
    Task CommitAsync(StoreChange change, Durability durability, CancellationToken cancellationToken);
}

/// <summary>The store said no: names the file, what was tried and what to try next.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StoreException()
    {
    }

    /// <summary>Creates the exception with a full sentence for an operator.</summary>
    public StoreException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a full sentence for an operator and its cause.</summary>
    public StoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

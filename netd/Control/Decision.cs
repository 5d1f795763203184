using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// A change of intent, decided purely: the loop decides it on the current state and commits, a dry run decides it on a
/// snapshot and only plans.
/// </summary>
/// <typeparam name="T">What the caller gets to know.</typeparam>
internal interface IIntentCommand<T>
{
    /// <summary>How safe its commit must be.</summary>
    Durability Durability { get; }

    /// <summary>Grants or refuses; never waits, never throws for a caller's mistake.</summary>
    Decision<T> Decide(NodeState state);
}

/// <summary>What became of a command.</summary>
internal sealed record Decision<T>
{
    /// <summary>Why not; null if granted.</summary>
    public Refusal? Refusal { get; private init; }

    public NodeState? Next { get; private init; }

    public StoreChange Change { get; private init; } = new();

    public Touched Touched { get; private init; } = Touched.Nothing;

    public T? Result { get; private init; }

    public static Decision<T> Refused(Refusal refusal) => new() { Refusal = refusal };

    public static Decision<T> Granted(NodeState next, StoreChange change, Touched touched, T result) =>
        new() { Next = next, Change = change, Touched = touched, Result = result };
}

/// <summary>Scopes whose desired state a decision may have changed.</summary>
internal sealed record Touched
{
    public static Touched Nothing { get; } = new();

    public bool Node { get; init; }

    /// <summary>Interfaces that networks stand on, the lowest first.</summary>
    public ImmutableArray<string> Parents { get; init; } = [];

    public ImmutableArray<NetworkId> Networks { get; init; } = [];

    public ImmutableArray<SandboxId> Sandboxes { get; init; } = [];

    public ImmutableArray<EndpointId> Endpoints { get; init; } = [];

    public Touched With(Touched other) => new()
    {
        Node = Node || other.Node,
        Parents = Parents.AddRange(other.Parents),
        Networks = Networks.AddRange(other.Networks),
        Sandboxes = Sandboxes.AddRange(other.Sandboxes),
        Endpoints = Endpoints.AddRange(other.Endpoints),
    };
}

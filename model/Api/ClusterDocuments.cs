using System.Collections.Immutable;

namespace Networking.Model.Api;

/// <summary>This node's place in a cluster.</summary>
public sealed record ClusterDocument
{
    /// <summary><c>off</c>, <c>on</c>, or <c>failed</c>: it is to take part and cannot; see <see cref="Reason"/>.</summary>
    public required string State { get; init; }

    /// <summary>Why it cannot; null if it can, or need not.</summary>
    public string? Reason { get; init; }

    /// <summary>This node's id; null before it first took part.</summary>
    public string? NodeId { get; init; }

    /// <summary>Where others reach it.</summary>
    public string? Address { get; init; }

    /// <summary>Where it listens.</summary>
    public string? Listen { get; init; }

    /// <summary>How often it stated something new of itself.</summary>
    public long Incarnation { get; init; }

    /// <summary>How far it trusts itself: 0 is well; more if it hears little.</summary>
    public int Health { get; init; }

    /// <summary>Members by status, this node among the alive.</summary>
    public ClusterCountsDocument Members { get; init; } = new();

    /// <summary>Whom it was told to join.</summary>
    public ImmutableArray<string> Seeds { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The keyring.</summary>
    public ImmutableArray<ClusterKeyDocument> Keys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What is wrong, and how often it was met since the start.</summary>
    public ImmutableArray<ClusterTroubleDocument> Troubles { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What a request did, or would do: a sentence each.</summary>
    public ImmutableArray<string> Lines { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Members by status.</summary>
public sealed record ClusterCountsDocument
{
    /// <summary>They answer.</summary>
    public int Alive { get; init; }

    /// <summary>They did not answer somebody, and have time to object.</summary>
    public int Suspect { get; init; }

    /// <summary>They did not object.</summary>
    public int Failed { get; init; }

    /// <summary>They said goodbye.</summary>
    public int Left { get; init; }
}

/// <summary>A key of the ring.</summary>
public sealed record ClusterKeyDocument
{
    /// <summary>Four hex digits by which it is known; they tell nothing of it.</summary>
    public required string Tag { get; init; }

    /// <summary>True if this node seals with it; all are accepted.</summary>
    public bool IsSealing { get; init; }

    /// <summary>The key itself, as base64, if it was asked for.</summary>
    public string? Secret { get; init; }
}

/// <summary>A kind of trouble.</summary>
public sealed record ClusterTroubleDocument
{
    /// <summary>Which.</summary>
    public required string Kind { get; init; }

    /// <summary>How often.</summary>
    public required long Count { get; init; }

    /// <summary>The last of it that had a name.</summary>
    public string? Last { get; init; }
}

/// <summary>A member of the cluster.</summary>
public sealed record NodeDocument
{
    /// <summary>16 hex digits, the same for good.</summary>
    public required string Id { get; init; }

    /// <summary><c>alive</c>, <c>suspect</c>, <c>failed</c> or <c>left</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Where it listens.</summary>
    public required string Address { get; init; }

    /// <summary>How often it stated something new of itself.</summary>
    public long Incarnation { get; init; }

    /// <summary>True for the node that was asked.</summary>
    public bool IsThis { get; init; }
}

/// <summary>Begins a cluster.</summary>
public sealed record InitClusterRequest
{
    /// <summary>Where to listen, as address or address:port; every address and port 7946 if null.</summary>
    public string? Listen { get; init; }

    /// <summary>Where others reach this node; found out if null.</summary>
    public string? Advertise { get; init; }
}

/// <summary>Joins a cluster.</summary>
public sealed record JoinClusterRequest
{
    /// <summary>Members, as address or address:port; one that answers is enough.</summary>
    public ImmutableArray<string> Addresses { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>A key of the cluster's ring, as base64; null if this node has it.</summary>
    public string? Key { get; init; }

    /// <summary>Where to listen, as address or address:port; every address and port 7946 if null.</summary>
    public string? Listen { get; init; }

    /// <summary>Where others reach this node; found out if null.</summary>
    public string? Advertise { get; init; }
}

/// <summary>Adds a key to the ring.</summary>
public sealed record AddClusterKeyRequest
{
    /// <summary>The key, 16 or 32 bytes as base64; drawn anew if null.</summary>
    public string? Key { get; init; }
}

using System.Collections.Immutable;

namespace Networking.Model;

/// <summary>What a node must not forget of its place in a cluster.</summary>
public sealed record ClusterRecord
{
    /// <summary>The format that this build writes.</summary>
    public const int FormatNow = 1;

    /// <summary>Which format it was written in.</summary>
    public int Format { get; init; } = FormatNow;

    /// <summary>16 hex digits, drawn once; the node keeps them when it leaves.</summary>
    public required string NodeId { get; init; }

    /// <summary>The last incarnation that others may have heard of; 0 if none.</summary>
    public uint Incarnation { get; init; }

    /// <summary>True if it takes part, also after the next start.</summary>
    public bool IsMember { get; init; }

    /// <summary>True from its goodbye until it states something again: what others had of it is void.</summary>
    public bool HasLeft { get; init; }

    /// <summary>Where it was told to listen, as address:port; null for every address and the usual port.</summary>
    public string? Listen { get; init; }

    /// <summary>Where it was told that others reach it, as address:port; null to find out.</summary>
    public string? Advertise { get; init; }

    /// <summary>Whom it was told to join, as address:port.</summary>
    public ImmutableArray<string> Seeds { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Some of the others as they were reached last, as address:port.</summary>
    public ImmutableArray<string> Peers { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The keyring, one to three keys of 16 or 32 bytes; none if it is no member.</summary>
    public ImmutableArray<Secret> Keys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Which of them seals.</summary>
    public int SealingKey { get; init; }

    /// <inheritdoc/>
    public bool Equals(ClusterRecord? other) => other is not null
        && (Format, NodeId, Incarnation, IsMember, HasLeft, Listen, Advertise, SealingKey) == (other.Format, other.NodeId, other.Incarnation, other.IsMember, other.HasLeft, other.Listen, other.Advertise, other.SealingKey)
        && Seeds.SequenceEqual(other.Seeds) && Peers.SequenceEqual(other.Peers) && Keys.SequenceEqual(other.Keys);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(NodeId, Incarnation, IsMember, Keys.Length);
}

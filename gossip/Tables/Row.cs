using System.Collections.Immutable;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tables;

/// <summary>What a row is called within its owner's rows of a scope.</summary>
/// <param name="Table">1 to 32 bytes of UTF-8.</param>
/// <param name="Key">1 to 128 bytes of UTF-8.</param>
public readonly record struct RowKey(string Table, string Key) : IComparable<RowKey>
{
    internal ulong Hash => Hashing.OfText(Key, Hashing.OfText(Table, 0));

    /// <inheritdoc/>
    public int CompareTo(RowKey other) => string.CompareOrdinal(Table, other.Table) is var order and not 0 ? order : string.CompareOrdinal(Key, other.Key);

    /// <inheritdoc/>
    public override string ToString() => $"{Table}/{Key}";
}

/// <summary>A row in one of its versions: written by its owner alone, so that the higher version is the newer one.</summary>
internal sealed class Row(RowKey key, NodeId owner, ulong version, ImmutableArray<byte> value, TimeSpan? residual = null) : INumbered
{
    public RowKey Key { get; } = key;

    public NodeId Owner { get; } = owner;

    ulong INumbered.Number => Owner.Value;

    public ulong Version { get; } = version;

    /// <summary>Empty if it is removed.</summary>
    public ImmutableArray<byte> Value { get; } = value;

    /// <summary>How long, as it arrived, a removed row still keeps older versions out; null if it is not removed.</summary>
    public TimeSpan? Residual { get; } = residual;

    public bool IsRemoved => Residual is not null;

    public ulong KeyHash { get; } = key.Hash;
}

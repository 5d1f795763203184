using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Networking.Gossip.Tables;

/// <summary>Who is attached to which network, as the cluster's table of that name says.</summary>
internal sealed class Attachments
{
    /// <summary>The cluster's table: key is a network's id, owner the node that is attached.</summary>
    public const string Table = "attachment";

    private readonly Dictionary<ScopeId, List<NodeId>> _nodes = [];

    public static RowKey KeyOf(ScopeId scope) => new(Table, scope.ToString());

    /// <summary>A row of this table: rows of the owner in that network up to a version are from an earlier attachment, and void.</summary>
    public static ImmutableArray<byte> ValueOf(ulong floor)
    {
        var value = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(value, floor);
        return ImmutableCollectionsMarshal.AsImmutableArray(value);
    }

    /// <summary>
    /// What is void after a row: never less than before it, because a restarted owner does not know what it said earlier; and with a
    /// detaching all until then.
    /// </summary>
    public static ulong FloorAfter(HeldRow? held, Row row) =>
        row.Key.Table != Table ? 0 : Math.Max(held?.Floor ?? 0, row.IsRemoved ? row.Version : FloorOf(row));

    /// <summary>What a row of this table says is void; nothing for any other.</summary>
    public static ulong FloorOf(Row row) =>
        row.Key.Table == Table && row.Value.Length == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(row.Value.AsSpan()) : 0;

    public IReadOnlyList<NodeId> Of(ScopeId scope) => _nodes.GetValueOrDefault(scope) ?? (IReadOnlyList<NodeId>)[];

    public bool Has(ScopeId scope, NodeId node) => scope.IsCluster || (_nodes.TryGetValue(scope, out var nodes) && nodes.Contains(node));

    /// <summary>Follows a row of the cluster's scope: true if it is one of this table, and its network's rows must follow.</summary>
    public bool Follow(Row row, bool isHeld, out ScopeId scope)
    {
        scope = default;
        if (row.Key.Table != Table || !ScopeId.TryParse(row.Key.Key, out scope) || scope.IsCluster)
        {
            return false;
        }

        if (!_nodes.TryGetValue(scope, out var nodes))
        {
            nodes = [];
            _nodes.Add(scope, nodes);
        }

        if (!isHeld)
        {
            var wasAttached = nodes.Remove(row.Owner);
            if (nodes.Count == 0)
            {
                _ = _nodes.Remove(scope);
            }

            return wasAttached;
        }

        if (!nodes.Contains(row.Owner))
        {
            nodes.Add(row.Owner);
        }

        return true;
    }
}

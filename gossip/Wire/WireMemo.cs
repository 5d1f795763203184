using Networking.Gossip.Tables;

namespace Networking.Gossip.Wire;

/// <summary>
/// What was read lately, with its bytes: a node is told each piece of news a dozen times and more, and makes one object of it. The bytes
/// decide; where the same subject has others, they are read anew. What is remembered is immutable, so that the nodes of a simulation
/// may share one memo.
/// </summary>
/// <param name="places">A power of two. Each subject has one place, and whoever comes later takes it.</param>
internal sealed class WireMemo(int places)
{
    /// <summary>For one node: what is news at one time.</summary>
    public const int PlacesOfNode = 1024;

    private readonly (byte[] Bytes, object Value)[] _places = new (byte[], object)[places];

    public Row? FindRow(NodeId owner, ulong version, ReadOnlySpan<byte> bytes) => Find(PlaceOf(owner, version), bytes) as Row;

    public MemberMessage? FindFact(NodeId member, uint incarnation, ReadOnlySpan<byte> bytes) => Find(PlaceOf(member, incarnation), bytes) as MemberMessage;

    public void Keep(Row row, ReadOnlySpan<byte> bytes) => _places[PlaceOf(row.Owner, row.Version)] = (bytes.ToArray(), row);

    public void Keep(MemberMessage message, ReadOnlySpan<byte> bytes) => _places[PlaceOf(message.Fact.Id, message.Fact.Incarnation)] = (bytes.ToArray(), message);

    /// <summary>The bytes that a row was read from; null if they are forgotten, or it was never read.</summary>
    public byte[]? BytesOf(Row row) => _places[PlaceOf(row.Owner, row.Version)] is var place && ReferenceEquals(place.Value, row) ? place.Bytes : null;

    private int PlaceOf(NodeId node, ulong count) => (int)Hashing.Mix(node.Value, count) & (places - 1);

    private object? Find(int place, ReadOnlySpan<byte> bytes) => _places[place] is { Value: { } value } known && bytes.SequenceEqual(known.Bytes) ? value : null;
}

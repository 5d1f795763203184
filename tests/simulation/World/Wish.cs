using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Networking.Gossip;
using Networking.Gossip.Tables;

namespace Networking.Simulation.Tests.World;

/// <summary>What a node's operator asked of it: the truth that every reader must come to see.</summary>
internal sealed class Wish
{
    public SortedDictionary<ScopeId, SortedDictionary<RowKey, ImmutableArray<byte>>> Scopes { get; } = [];

    public static ImmutableArray<byte> Value(long number) => [.. Encoding.UTF8.GetBytes(number.ToString("D12", CultureInfo.InvariantCulture))];

    public static long Number(ImmutableArray<byte> value) => value.IsEmpty ? 0 : long.Parse(Encoding.UTF8.GetString(value.AsSpan()), CultureInfo.InvariantCulture);
}

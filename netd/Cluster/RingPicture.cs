using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Networking.Gossip.Tables;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Merge;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Cluster;

/// <summary>
/// Who owns what of the pools that the cluster shares, as far as gossip told. A row that is hidden or dropped takes nothing out of it: the owner
/// may be dead, its addresses are still its own until somebody takes them over. Immutable.
/// </summary>
/// <param name="Pools">The pools by name.</param>
/// <param name="Free">How many addresses a node has free in a pool; this may be heard before anything else of the pool.</param>
internal sealed record RingPicture(ImmutableSortedDictionary<string, RingPicture.SharedPool> Pools, ImmutableDictionary<(string Pool, OwnerId Owner), UInt128> Free)
{
    private const int FreeMax = 65_536;

    /// <summary>How many addresses a node has free in a pool, beside the rows of the ring; key is the pool.</summary>
    public const string FreeTable = "ipam-free";

    public static RingPicture Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, SharedPool>(StringComparer.Ordinal), ImmutableDictionary<(string, OwnerId), UInt128>.Empty);

    public static RowKey KeyOf(string pool, int part) => new(RingRowCodec.Table, $"{pool}/{part}");

    /// <summary>The row of the ring that stands in a row of gossip; null if it is another, or makes no sense.</summary>
    public static RingRow? Read(RowKey key, OwnerId owner, ImmutableArray<byte> value) => key.Table == RingRowCodec.Table && key.Key.Split('/') is [{ Length: > 0 } pool, _]
        ? RingRowCodec.Read(pool, owner, value.AsSpan())
        : null;

    /// <summary>With a row of the ring. What is said of another prefix than that heard first is not taken.</summary>
    public RingPicture With(RingRow row, OwnerId owner)
    {
        var pool = Pools.GetValueOrDefault(row.Pool) ?? new SharedPool(row.Prefix, RingMap.Empty);
        var last = Prefix.ToNumber(Prefix.LastAddress(pool.Prefix)) - Prefix.ToNumber(pool.Prefix.BaseAddress);
        return !pool.Prefix.Equals(row.Prefix) ? this : this with
        {
            Pools = Pools.SetItem(row.Pool, pool with { Map = row.Claims.Where(c => c.Owner == owner && c.Last <= last).Aggregate(pool.Map, static (map, claim) => map.Join(claim)) }),
        };
    }

    /// <summary>With what a node has free in a pool.</summary>
    public RingPicture With(string pool, OwnerId owner, UInt128 free) =>
        Free.Count < FreeMax || Free.ContainsKey((pool, owner)) ? this with { Free = Free.SetItem((pool, owner), free) } : this;

    public ImmutableArray<IpamRangeDocument> Documents(OwnerId self) =>
    [
        .. Pools.SelectMany(p => p.Value.Map.Claims.Select(c => new IpamRangeDocument
        {
            Pool = p.Key,
            Prefix = p.Value.Prefix.ToString(),
            First = p.Value.AddressOf(c.First).ToString(),
            Last = p.Value.AddressOf(c.Last).ToString(),
            Size = (c.Last - c.First + 1).ToString(CultureInfo.InvariantCulture),
            Owner = c.Owner.ToString(),
            IsThis = c.Owner == self,
            OwnerFree = Free.TryGetValue((p.Key, c.Owner), out var free) ? free.ToString(CultureInfo.InvariantCulture) : null,
        })),
    ];

    internal sealed record SharedPool(IPNetwork Prefix, RingMap Map)
    {
        public IPAddress AddressOf(UInt128 offset) =>
            Model.Prefix.FromNumber(Model.Prefix.ToNumber(Prefix.BaseAddress) + offset, Prefix.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);
    }
}

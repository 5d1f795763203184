using System.Collections.Immutable;
using System.Net;

namespace Networking.Ipam;

/// <summary>What became of the search for a free subnet. A closed union.</summary>
public abstract record SubnetResult
{
    private SubnetResult()
    {
    }

    /// <summary>This one is free; nobody holds it yet.</summary>
    public sealed record Found(IPNetwork Subnet) : SubnetResult
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Subnet} is free";
    }

    /// <summary>Nothing is left.</summary>
    /// <param name="Pools">Where it was looked for.</param>
    /// <param name="Holders">Everything that stands in the way, in address order.</param>
    public sealed record Exhausted(ImmutableArray<SubnetPool> Pools, ImmutableArray<HeldSubnet> Holders) : SubnetResult
    {
        /// <summary>Compares by content.</summary>
        public bool Equals(Exhausted? other) =>
            other is not null && Pools.SequenceEqual(other.Pools) && Holders.SequenceEqual(other.Holders);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Pools.Length, Holders.Length);

        /// <inheritdoc/>
        public override string ToString() => Pools.IsEmpty
            ? "there is no pool of that family"
            : $"no subnet is left in {string.Join(", ", Pools)}; in use: {string.Join(", ", Holders)}";
    }
}

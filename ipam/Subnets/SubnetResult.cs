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
        private const int NamedMax = 8; // a person reads no further, and 4,096 networks would make an answer of 200 kB

        /// <summary>The prefix length asked for; null if any piece would do.</summary>
        public int? Length { get; init; }

        /// <summary>Compares by content.</summary>
        public bool Equals(Exhausted? other) =>
            other is not null && Length == other.Length && Pools.SequenceEqual(other.Pools) && Holders.SequenceEqual(other.Holders);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Pools.Length, Holders.Length, Length);

        /// <inheritdoc/>
        public override string ToString()
        {
            var pools = string.Join(", ", Pools);
            if (Pools.IsEmpty)
            {
                return "there is no pool of that family";
            }

            if (Length < Pools.Min(static p => p.Prefix.PrefixLength))
            {
                return $"no pool is as large as a /{Length}; there are {pools}";
            }

            var more = Holders.Length > NamedMax ? $" and {Holders.Length - NamedMax} more" : string.Empty;
            return $"no {(Length is null ? "subnet" : $"/{Length}")} is left in {pools}; "
                + $"in use: {string.Join(", ", Holders.Take(NamedMax))}{more}";
        }
    }
}

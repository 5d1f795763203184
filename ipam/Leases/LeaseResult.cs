using System.Net;

namespace Networking.Ipam;

/// <summary>What became of a request for an address. A closed union; all cases are expected.</summary>
public abstract record LeaseResult
{
    private LeaseResult()
    {
    }

    /// <summary>The address is now leased.</summary>
    public sealed record Granted(IPAddress Address) : LeaseResult
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Address} is leased";
    }

    /// <summary>The address asked for is leased already; to whom, the caller knows.</summary>
    public sealed record AlreadyLeased(IPAddress Address) : LeaseResult
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Address} is leased already";
    }

    /// <summary>The address asked for is not of this pool.</summary>
    public sealed record OutsidePool(IPAddress Address, IPNetwork Pool) : LeaseResult
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Address} is outside {Pool}";
    }

    /// <summary>The address asked for is never leased.</summary>
    /// <param name="Address">Which.</param>
    /// <param name="Reason">What it is instead, such as <c>gateway</c>.</param>
    public sealed record Reserved(IPAddress Address, string Reason) : LeaseResult
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Address} is the {Reason}";
    }

    /// <summary>Every address that could be chosen is leased or reserved.</summary>
    /// <param name="Pool">Where it was looked for: the prefix, or its range.</param>
    /// <param name="LeasedCount">How many addresses of it are leased.</param>
    public sealed record Exhausted(IPNetwork Pool, UInt128 LeasedCount) : LeaseResult
    {
        /// <inheritdoc/>
        public override string ToString() => $"no address is free in {Pool}; {LeasedCount} are leased, the rest is reserved";
    }
}

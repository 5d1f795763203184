using System.Net;
using Networking.Ipam;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// Claims an address of a family for an endpoint: the one asked for, else the next free one of the first subnet that has
/// one. A network may have several subnets; the endpoint is then on the one of its address.
/// </summary>
internal static class AddressClaim
{
    /// <summary>The network with the lease, and the address; null if the network has no such family, or it was refused.</summary>
    public static (NetworkEntry Network, InterfaceAddress? Address) Claim(
        NodeState state, NetworkEntry network, bool isIpv6, IPAddress? asked, DateTimeOffset now, List<Problem> problems)
    {
        var pools = network.PoolsOf(isIpv6).ToArray();
        var pool = network.PoolOf(asked) ?? pools.FirstOrDefault();
        if (pool is null)
        {
            return (network, null);
        }

        var (result, leased) = pool.Lease(asked, now);
        foreach (var next in result is LeaseResult.Exhausted ? pools.Skip(1) : [])
        {
            (pool, (result, leased)) = (next, next.Lease(asked, now));
            if (result is LeaseResult.Granted)
            {
                break;
            }
        }

        if (result is LeaseResult.Granted granted)
        {
            return (network.With(leased), new InterfaceAddress(granted.Address, pool.Prefix.PrefixLength));
        }

        problems.Add(ProblemOf(state, network, pools, result, asked, isIpv6 ? "--ip6" : "--ip"));
        return (network, null);
    }

    /// <summary>The network with a lease that was granted before. In the order of their making, so that the turn goes on where it was.</summary>
    public static NetworkEntry Restore(NetworkEntry network, InterfaceAddress? address, bool isInTurn)
    {
        if (network.PoolOf(address?.Address) is not { } pool)
        {
            return network;
        }

        var (result, leased) = pool.Lease(address!.Address); // there is a pool for it
        Invariant.Check(result is LeaseResult.Granted, $"address {address} was granted twice");
        return network.With(isInTurn ? leased.ContinueAfter(address.Address) : leased);
    }

    private static Problem ProblemOf(NodeState state, NetworkEntry network, AddressPool[] pools, LeaseResult result, IPAddress? asked, string field)
    {
        var subnets = string.Join(", ", pools.Select(static p => p.Prefix));
        var hasRange = network.Record.Subnets.Any(s => s.Range is not null && pools.Any(p => p.Prefix.Equals(s.Prefix)));
        switch (result)
        {
            case LeaseResult.AlreadyLeased:
                var holder = state.Endpoints[network.Leases[asked!]]; // only a static address can be leased already
                return new Problem(
                    "address.taken",
                    field,
                    $"address {asked} belongs to endpoint {holder.Name} in sandbox {state.Sandboxes[holder.SandboxId].Record.Name}",
                    "choose another address, or leave it out for the next free one");
            case LeaseResult.OutsidePool:
                return new Problem(
                    "address.outside",
                    field,
                    $"address {asked} is not in {(pools.Length == 1 ? "subnet" : "any of the subnets")} {subnets} of network {network.Name}",
                    $"choose one inside {subnets}");
            case LeaseResult.Reserved reserved:
                var prefix = network.PoolOf(asked)!.Prefix; // what is reserved is in it
                return new Problem(
                    "address.reserved", field, $"address {asked} of subnet {prefix} cannot be given: it is the {reserved.Reason}", "choose another address");
            default:
                return new Problem(
                    "address.exhausted",
                    null,
                    $"network {network.Name}: {result}{(pools.Length == 1 ? string.Empty : $"; its other subnets are full too ({subnets})")}",
                    hasRange
                        ? $"netctl ipam ls {network.Name} says by whom; disconnect an endpoint, or ask for an address outside the range with {field}"
                        : $"netctl ipam ls {network.Name} says by whom; disconnect an endpoint, or create a network with a larger subnet");
        }
    }
}

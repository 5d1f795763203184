using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Model;
using Networking.Netd.Ipam;

namespace Networking.Netd.Control;

/// <summary>
/// A family that a network gets or loses while endpoints are on it: its subnet is claimed or released, and each endpoint
/// gets an address of it, or gives its back.
/// </summary>
internal sealed class FamilyChange(
    NodeState before, NetworkEntry network, ImmutableArray<EndpointRecord> endpoints, NetworkSpec spec, SubnetClaim claim, DateTimeOffset now)
{
    private ImmutableArray<EndpointRecord> _endpoints = endpoints;

    /// <summary>The granted state after it, with the network's record still as it was.</summary>
    public NodeState State { get; private set; } = before;

    /// <summary>The IPv4 subnet after it.</summary>
    public SubnetRecord? Ipv4 { get; private set; } = network.Record.Ipv4;

    /// <summary>The IPv6 subnet after it.</summary>
    public SubnetRecord? Ipv6 { get; private set; } = network.Record.Ipv6;

    /// <summary>All endpoints after it.</summary>
    public ImmutableArray<EndpointRecord> Endpoints => _endpoints;

    /// <summary>The endpoints that were changed by it.</summary>
    public ImmutableArray<EndpointRecord> Changed { get; private set; } = [];

    public IEnumerable<string> Warnings => claim.Warnings;

    /// <summary>Does it, or adds why not.</summary>
    public void Apply(List<Problem> problems)
    {
        // The claim knows the subnets as they were before: what goes is given back after what comes was taken.
        foreach (var isIpv6 in new[] { false, true })
        {
            if (isIpv6 ? spec.Ipv6 && Ipv6 is null : spec.Ipv4 && Ipv4 is null)
            {
                Add(isIpv6, problems);
            }
        }

        if (!spec.Ipv4 && Ipv4 is { } ipv4)
        {
            Remove(isIpv6: false, ipv4);
        }

        if (!spec.Ipv6 && Ipv6 is { } ipv6)
        {
            Remove(isIpv6: true, ipv6);
        }
    }

    private void Add(bool isIpv6, List<Problem> problems)
    {
        if (claim.Claim(isIpv6) is not [var subnet])
        {
            problems.AddRange(claim.Problems.Except(problems).ToArray()); // of the other family they are told already
            return;
        }

        var pool = CreateNetwork.PoolOf(State, network.Record with { Spec = spec }, subnet);
        var entry = State.Networks[network.Record.Id];
        var leases = entry.Leases;
        var given = ImmutableArray.CreateBuilder<EndpointRecord>();
        foreach (var (endpoint, asked) in _endpoints.Select(e => (e, Asked(e, isIpv6, subnet.Prefix))).OrderBy(static e => e.Item2 is null))
        {
            var (result, next) = pool.Lease(asked, now);
            if (result is not LeaseResult.Granted granted)
            {
                problems.Add(new Problem(
                    "address.exhausted", "--subnet", $"subnet {subnet.Prefix} has no address for each of the {_endpoints.Length} endpoints of network {network.Name}", "give a larger one"));
                return;
            }

            pool = next;
            leases = leases.Add(granted.Address, endpoint.Id);
            given.Add(With(endpoint, isIpv6, new InterfaceAddress(granted.Address, subnet.Prefix.PrefixLength)));
        }

        Set(isIpv6, subnet, given.ToImmutable(), (entry with { Leases = leases }).With(pool), claim.Plan);
    }

    // An address that an endpoint was connected with is had again when its family comes back. Such come first, so that no
    // other endpoint is given it.
    private static IPAddress? Asked(EndpointRecord endpoint, bool isIpv6, IPNetwork prefix) =>
        (isIpv6 ? endpoint.Spec.Ipv6 : endpoint.Spec.Ipv4) is { } asked && prefix.Contains(asked) ? asked : null;

    private void Remove(bool isIpv6, SubnetRecord subnet)
    {
        var entry = State.Networks[network.Record.Id];
        var left = entry.Leases.RemoveRange(_endpoints.Select(e => (isIpv6 ? e.Ipv6 : e.Ipv4)?.Address).OfType<IPAddress>());
        Set(
            isIpv6,
            null,
            [.. _endpoints.Select(e => With(e, isIpv6, null))],
            (entry with { Leases = left }).Without(subnet.Prefix),
            State.Subnets.Release(subnet.Prefix));
    }

    private void Set(bool isIpv6, SubnetRecord? subnet, ImmutableArray<EndpointRecord> given, NetworkEntry entry, AddressSpace plan)
    {
        (Ipv4, Ipv6) = isIpv6 ? (Ipv4, subnet) : (subnet, Ipv6);
        _endpoints = Changed = given;
        State = State with
        {
            Subnets = plan,
            Networks = State.Networks.SetItem(network.Record.Id, entry),
            Endpoints = State.Endpoints.SetItems(given.Select(static e => KeyValuePair.Create(e.Id, e))),
        };
    }

    private static EndpointRecord With(EndpointRecord endpoint, bool isIpv6, InterfaceAddress? address) =>
        isIpv6 ? endpoint with { Ipv6 = address } : endpoint with { Ipv4 = address };
}

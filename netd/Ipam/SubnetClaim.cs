using System.Collections.Immutable;
using System.Net;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ipam;

/// <summary>
/// Claims the subnets of one network: those asked for, if nobody has them, or the next free one of the pools. Collects what
/// is wrong, and what the user should know although it is granted.
/// </summary>
/// <param name="spec">What is asked.</param>
/// <param name="traits">What the network is.</param>
/// <param name="plan">The subnets in use.</param>
/// <param name="host">What of the host stands in the way.</param>
/// <param name="segment">
/// The interface that the host has on the network's segment already: a bridge to adopt, which brings its own subnets along,
/// or the parent, whose subnets may be the network's too. Null if there is none.
/// </param>
internal sealed class SubnetClaim(NetworkSpec spec, NetworkTraits traits, AddressSpace plan, HostObstacles host, HostLink? segment)
{
    private const int NamedMax = 5;

    private readonly HostObstacles _host = segment is null ? host : host.WithoutNetworksOf(segment.Name);
    private readonly HostLink? _adopted = traits.Parent is null ? segment : null;

    /// <summary>The subnets in use with those claimed.</summary>
    public AddressSpace Plan { get; private set; } = plan;

    public List<Problem> Problems { get; } = [];

    public List<string> Warnings { get; } = [];

    /// <summary>The subnets of a family; none if one was refused, or the family is off.</summary>
    public ImmutableArray<SubnetRecord> Claim(bool isIpv6)
    {
        if (traits.IsPredefined || !(isIpv6 ? spec.Ipv6 : spec.Ipv4))
        {
            return [];
        }

        var asked = spec.Subnets.Where(s => (Prefix.BitsOf(s.Prefix.BaseAddress) == 128) == isIpv6).ToImmutableArray();
        var own = _adopted?.Addresses.FirstOrDefault(a => a.IsIpv6 == isIpv6 && !a.Address.IsIPv6LinkLocal);
        if (own is not null && asked is [] or [{ IsSizeOnly: true }])
        {
            asked = [OfAdopted(asked.FirstOrDefault(), own!)]; // not null, checked first
        }

        var granted = asked.IsEmpty
            ? [ClaimFree(isIpv6, length: null)]
            : asked.Select(s => s.IsSizeOnly ? ClaimFree(isIpv6, s.Prefix.PrefixLength) : ClaimAsked(s)).ToImmutableArray();
        return granted.Any(static s => s is null) ? [] : [.. granted.OfType<SubnetRecord>()];
    }

    // An adopted bridge brings its subnet along; a size is asked for in vain unless it is that one's.
    private SubnetSpec OfAdopted(SubnetSpec? asked, InterfaceAddress own)
    {
        if (asked is not null && asked.Prefix.PrefixLength != own.PrefixLength)
        {
            Problems.Add(new Problem(
                "subnet.adopted",
                "--subnet",
                $"bridge {_adopted!.Name} has {own} already, and a /{asked.Prefix.PrefixLength} is asked for", // it is its address
                "leave --subnet out, or give the bridge no address"));
        }

        return new SubnetSpec(own.Network, own.Address);
    }

    private SubnetRecord? ClaimAsked(SubnetSpec asked)
    {
        var before = Problems.Count;
        var overlaps = Plan.AllOverlapping(asked.Prefix).Take(NamedMax + 1).Select(static h => $"{h.Prefix} of {h.Holder}").ToArray();
        Refuse("subnet.overlap", asked.Prefix, overlaps);
        var obstacles = _host.Overlapping(asked.Prefix).ToArray();
        Refuse("subnet.host", asked.Prefix, [.. obstacles.Where(static o => o.Kind == ObstacleKind.Connected).Select(static o => o.ToString())]);
        var record = WithAddresses(asked);
        if (Problems.Count > before)
        {
            return null;
        }

        Warn(asked.Prefix, obstacles, "give another with --subnet if you need what is there");
        Plan = Plan.Hold(asked.Prefix, Holder);
        return record;
    }

    private void Refuse(string code, IPNetwork prefix, string[] others)
    {
        if (others.Length > 0)
        {
            var more = others.Length > NamedMax ? " and others" : string.Empty;
            Problems.Add(new Problem(
                code,
                "--subnet",
                $"subnet {prefix} overlaps {string.Join(", ", others.Take(NamedMax))}{more}",
                "choose another subnet, or leave it out for the next free one"));
        }
    }

    // The gateway and what else is set aside, as far as the subnet has room for it and an endpoint.
    private SubnetRecord? WithAddresses(SubnetSpec asked)
    {
        var isIpv6 = Prefix.BitsOf(asked.Prefix.BaseAddress) == 128;
        asked = asked with { AuxAddresses = asked.AuxAddresses.AddRange(OfSegment(asked)) };
        var pool = AddressPool.Create(asked.Prefix, new PoolRules { Range = asked.Range });
        foreach (var (name, address) in asked.AuxAddresses)
        {
            pool = pool.Reserve(address, name).Pool; // one outside is a link-local router, which takes nothing from the subnet
        }

        var gateway = traits.GatewayOf(isIpv6) == GatewayRule.Host ? FirstOf(asked) : asked.Gateway;
        if (gateway is not null)
        {
            pool = pool.Reserve(gateway, "gateway").Pool;
        }

        if (traits.HasHostShim && !asked.AuxAddresses.ContainsKey(AuxiliaryName.HostShim) && pool.Lease() is (LeaseResult.Granted shim, var left))
        {
            pool = left;
            asked = asked with { AuxAddresses = asked.AuxAddresses.Add(AuxiliaryName.HostShim, shim.Address) };
        }

        var lacksGateway = gateway is null && traits.GatewayOf(isIpv6) == GatewayRule.Host;
        var lacksShim = traits.HasHostShim && !asked.AuxAddresses.ContainsKey(AuxiliaryName.HostShim);
        if (lacksGateway || lacksShim || (asked.Range is null && pool.FreeCount == UInt128.Zero))
        {
            Problems.Add(new Problem(
                "subnet.full",
                "--aux-address",
                $"subnet {asked.Prefix} has no address left for {(lacksGateway ? "a gateway" : lacksShim ? "the host's shim" : "an endpoint")} beside those set aside",
                "take a larger subnet, or set fewer addresses aside"));
            return null;
        }

        return new SubnetRecord(asked.Prefix, traits.GatewayOf(isIpv6) == GatewayRule.None ? null : gateway)
        {
            Range = asked.Range,
            AuxAddresses = asked.AuxAddresses,
        };
    }

    // The gateway asked for, or the first address that is not set aside: a range is for endpoints only.
    private static IPAddress? FirstOf(SubnetSpec asked)
    {
        var pool = asked.AuxAddresses.Aggregate(AddressPool.Create(asked.Prefix), static (p, a) => p.Reserve(a.Value, a.Key).Pool);
        return pool.Lease(asked.Gateway).Result is LeaseResult.Granted granted ? granted.Address : null;
    }

    // What the host has on the segment already is in use, and nobody else may be given it.
    private IEnumerable<KeyValuePair<string, IPAddress>> OfSegment(SubnetSpec asked) => traits.Parent is null || segment is null
        ? []
        : segment.Addresses.Select(static a => a.Address)
            .Where(a => Prefix.Contains(asked.Prefix, a) && !a.Equals(asked.Gateway) && !asked.AuxAddresses.ContainsValue(a))
            .Select((address, number) => KeyValuePair.Create(AuxiliaryName.HostOn(segment.Name, number), address))
            .Where(a => !asked.AuxAddresses.ContainsKey(a.Key));

    private SubnetRecord? ClaimFree(bool isIpv6, int? length)
    {
        SubnetResult? result = null;
        foreach (var avoided in _host.Avoided)
        {
            result = Plan.NextFree(isIpv6, avoided, length);
            if (result is SubnetResult.Found found)
            {
                Warn(found.Subnet, _host.Overlapping(found.Subnet), "no subnet without such a route was free");
                Plan = Plan.Hold(found.Subnet, Holder);
                return WithAddresses(new SubnetSpec(found.Subnet));
            }
        }

        Problems.Add(new Problem(
            "subnet.exhausted",
            length is null ? null : "--subnet",
            $"{(isIpv6 ? "IPv6" : "IPv4")}: {result}",
            "give one with --subnet, remove a network (netctl ipam ls, netctl prune), or start netd with another --default-address-pool"));
        return null;
    }

    private void Warn(IPNetwork subnet, IEnumerable<HostObstacle> obstacles, string hint)
    {
        var named = obstacles.Take(NamedMax + 1).Select(static o => o.ToString()).ToArray();
        if (named.Length > 0)
        {
            var more = named.Length > NamedMax ? " and others" : string.Empty;
            Warnings.Add(
                $"subnet {subnet} overlaps {string.Join(", ", named.Take(NamedMax))}{more}: "
                + $"this host no longer reaches what is there under addresses of the network ({hint})");
        }
    }

    private string Holder => $"network {spec.Name}";
}

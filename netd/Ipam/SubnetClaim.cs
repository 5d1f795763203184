using System.Net;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ipam;

/// <summary>
/// Claims the subnets of one network: the one asked for, if nobody has it, or the next free one of the pools. Collects what
/// is wrong, and what the user should know although it is granted.
/// </summary>
/// <param name="spec">What is asked.</param>
/// <param name="plan">The subnets in use.</param>
/// <param name="host">What of the host stands in the way.</param>
/// <param name="adopted">The bridge to adopt, which brings its own subnets along; null for a new one.</param>
internal sealed class SubnetClaim(NetworkSpec spec, AddressSpace plan, HostObstacles host, HostLink? adopted)
{
    private const int NamedMax = 5;

    private readonly HostObstacles _host = adopted is null ? host : host.WithoutNetworksOf(adopted.Name);

    /// <summary>The subnets in use with those claimed.</summary>
    public AddressSpace Plan { get; private set; } = plan;

    public List<Problem> Problems { get; } = [];

    public List<string> Warnings { get; } = [];

    /// <summary>The subnet of a family; null if it was refused, or the family is off.</summary>
    public SubnetRecord? Claim(bool isIpv6)
    {
        if (!(isIpv6 ? spec.Ipv6 : spec.Ipv4))
        {
            return null;
        }

        var asked = spec.Subnets.FirstOrDefault(s => (Prefix.BitsOf(s.Prefix.BaseAddress) == 128) == isIpv6);
        var own = adopted?.Addresses.FirstOrDefault(a => a.IsIpv6 == isIpv6 && !a.Address.IsIPv6LinkLocal);
        if (own is not null && asked is null or { IsSizeOnly: true })
        {
            asked = OfAdopted(asked, own!); // not null, checked first
        }

        return asked is null or { IsSizeOnly: true } ? ClaimFree(isIpv6, asked?.Prefix.PrefixLength) : ClaimAsked(asked);
    }

    // An adopted bridge brings its subnet along; a size is asked for in vain unless it is that one's.
    private SubnetSpec OfAdopted(SubnetSpec? asked, InterfaceAddress own)
    {
        if (asked is not null && asked.Prefix.PrefixLength != own.PrefixLength)
        {
            Problems.Add(new Problem(
                "subnet.adopted",
                "--subnet",
                $"bridge {adopted!.Name} has {own} already, and a /{asked.Prefix.PrefixLength} is asked for", // it is its address
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
        var record = WithGateway(asked);
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

    private SubnetRecord? WithGateway(SubnetSpec asked)
    {
        var pool = AddressPool.Create(asked.Prefix);
        foreach (var (name, address) in asked.AuxAddresses)
        {
            pool = pool.Reserve(address, name).Pool; // one outside is a link-local router, which takes nothing from the subnet
        }

        var (result, left) = pool.Lease(asked.Gateway);
        if (result is not LeaseResult.Granted gateway || left.FreeCount == UInt128.Zero)
        {
            Problems.Add(new Problem(
                "subnet.full",
                "--aux-address",
                $"subnet {asked.Prefix} has no address left for {(result is LeaseResult.Granted ? "an endpoint" : "a gateway")} beside those set aside",
                "take a larger subnet, or set fewer addresses aside"));
            return null;
        }

        return new SubnetRecord(asked.Prefix, gateway.Address) { Range = asked.Range, AuxAddresses = asked.AuxAddresses };
    }

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
                return new SubnetRecord(found.Subnet, AddressPool.FirstAddress(found.Subnet));
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

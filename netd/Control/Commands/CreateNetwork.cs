using System.Collections.Immutable;
using System.Net;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Ipam;

namespace Networking.Netd.Control;

/// <summary>Claims a name, a device and subnets for a network that its driver has judged valid.</summary>
/// <param name="Spec">What is asked.</param>
/// <param name="Facts">The host as it was read just before: its addresses and routes are not given out.</param>
/// <param name="Resolvers">Addresses of the host's name servers: a default pool that holds one is not given out.</param>
/// <param name="Ids">Source of the id and the hardware address.</param>
/// <param name="Now">Moment of the request.</param>
internal sealed record CreateNetwork(NetworkSpec Spec, HostFacts Facts, IReadOnlyList<IPAddress> Resolvers, IIdSource Ids, DateTimeOffset Now)
    : IIntentCommand<CreatedNetwork>
{
    // Read out of the facts before the command is submitted: a host may have very many routes.
    private readonly HostObstacles _obstacles = HostObstacles.Of(Facts, Resolvers);

    public Durability Durability => Durability.Disk;

    /// <summary>What is wrong with the request already; with anything, the rest is judged and nothing is granted.</summary>
    public Mistakes Mistakes { get; init; } = Mistakes.None;

    public Decision<CreatedNetwork> Decide(NodeState state)
    {
        var problems = new List<Problem>();
        var others = state;
        if (state.NetworkNames.TryGetValue(Spec.Name, out var taken) && !(state.Networks[taken].Traits.IsPredefined && Mistakes.AreAbout("NAME", "--driver")))
        {
            problems.Add(new Problem(
                "network.exists", "NAME", $"a network {Spec.Name} exists already ({taken.Short})", "choose another name, or netctl rm it first"));
            others = RemoveNetwork.Without(state, state.Networks[taken]); // what it has would be free again
        }

        // What a network of no driver would claim, or one on a parent that cannot be had, is not known.
        if (!NetworkDrivers.All.ContainsKey(Spec.Driver) || Mistakes.AreAbout("-o parent", "options.parent", "options"))
        {
            return Decision<CreatedNetwork>.Refused(Refusal.Of(Mistakes, problems));
        }

        var id = new NetworkId(Ids.NewId());
        var spec = Mistakes.IsEmpty ? Spec : NetworkDrivers.Claimable(Spec, Mistakes.AreAboutSubnets);
        var traits = NetworkDrivers.TraitsOf(spec);
        spec = traits.IsInternal ? spec with { Internal = true } : spec;
        var deviceClaim = new DeviceClaim(others, traits, Facts);
        var device = deviceClaim.Claim(id);
        var claim = new SubnetClaim(spec, traits, others.Subnets, _obstacles.Beside(state.SubnetsOn), device.Segment);
        var ipv4 = claim.Claim(isIpv6: false);
        var ipv6 = claim.Claim(isIpv6: true);
        problems.AddRange(deviceClaim.Problems);
        problems.AddRange(claim.Problems);
        if (problems.Count > 0 || !Mistakes.IsEmpty)
        {
            return Decision<CreatedNetwork>.Refused(Refusal.Of(Mistakes, problems));
        }

        var isAdopted = device.WasThere && traits.Parent is null;
        var record = new NetworkRecord
        {
            Id = id,
            Spec = spec,
            LinkName = device.Name,
            LinkMac = traits.HasParentMac && device.Segment is { } parent ? parent.Mac : Ids.NewMac(),
            AdoptsLink = device.WasThere,
            AdoptedAddresses = isAdopted ? [.. device.Segment!.Addresses.Select(static a => a.Address)] : [], // what is adopted is there
            AdoptedMtuBytes = isAdopted ? device.Segment!.MtuBytes : null,
            Ipv4 = ipv4.FirstOrDefault(),
            Ipv6 = ipv6.FirstOrDefault(),
            MoreSubnets = [.. ipv4.Skip(1), .. ipv6.Skip(1)],
            Created = Now,
        };
        var next = WithNetwork(state, record, traits, claim.Plan);
        next = next with { Node = HostSysctls.Remember(next, Facts, HostSysctls.OfAdopted(record, traits)) };
        return Decision<CreatedNetwork>.Granted(
            next,
            new StoreChange { Networks = [record], Node = ReferenceEquals(next.Node, state.Node) ? null : next.Node },
            new Touched { Node = NodeChanged(state, next), Parents = ParentLinks.Of(record, traits), Networks = [id] },
            new CreatedNetwork(record, [.. claim.Warnings]));
    }

    /// <summary>The state with a network that was granted before: at start, from the store.</summary>
    public static NodeState Restore(NodeState state, NetworkRecord record)
    {
        var plan = record.Subnets.Aggregate(state.Subnets, (p, subnet) => p.Hold(subnet.Prefix, $"network {record.Spec.Name}"));
        return WithNetwork(state, record, NetworkDrivers.TraitsOf(record.Spec), plan);
    }

    /// <summary>Whether the node's own objects differ between two states.</summary>
    public static bool NodeChanged(NodeState before, NodeState after) =>
        (before.Routed > 0) != (after.Routed > 0)
        || (before.Forwarding4 > 0) != (after.Forwarding4 > 0)
        || (before.Forwarding6 > 0) != (after.Forwarding6 > 0)
        || !ReferenceEquals(before.Node, after.Node);

    private static NodeState WithNetwork(NodeState state, NetworkRecord record, NetworkTraits traits, AddressSpace plan) => state with
    {
        Revision = state.Revision + 1,
        Networks = state.Networks.Add(
            record.Id, new NetworkEntry(record, traits, [.. record.Subnets.Select(subnet => PoolOf(state, record, subnet))])),
        NetworkNames = state.NetworkNames.Add(record.Spec.Name, record.Id),
        LinkNames = traits.DevicePrefix is null || traits.Parent is not null ? state.LinkNames : state.LinkNames.Add(record.LinkName, record.Id),
        Parents = state.Parents.Hold(record, traits),
        Subnets = plan,
        Routed = state.Routed + (traits.IsRoutedByHost ? 1 : 0),
        Forwarding4 = state.Forwarding4 + (HostSysctls.NeedsForwarding4(record, traits) ? 1 : 0),
        Forwarding6 = state.Forwarding6 + (HostSysctls.NeedsForwarding6(record, traits) ? 1 : 0),
    };

    /// <summary>The pool of a subnet, with what is set aside in it.</summary>
    public static AddressPool PoolOf(NodeState state, NetworkRecord network, SubnetRecord subnet)
    {
        var pool = AddressPool.Create(
            subnet.Prefix, new PoolRules { Range = subnet.Range, IsSerial = IpamOptions.Of(network.Spec).IsSerial, Rest = state.AddressRest });
        pool = subnet.Gateway is { } gateway ? pool.Reserve(gateway, "gateway").Pool : pool;
        pool = subnet.AuxAddresses.Aggregate(pool, static (p, a) => p.Reserve(a.Value, $"auxiliary address {a.Key}").Pool);
        return network.AdoptedAddresses
            .Where(a => Prefix.Contains(subnet.Prefix, a))
            .Aggregate(pool, (p, a) => p.Reserve(a, $"the host's own on {network.LinkName}").Pool); // the gateway may be one of them
    }
}

/// <summary>What was granted.</summary>
/// <param name="Network">The network as committed.</param>
/// <param name="Warnings">What the user should know of it.</param>
internal sealed record CreatedNetwork(NetworkRecord Network, ImmutableArray<string> Warnings);

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
    private const int LinkNameDigits = 12; // br- and 12 digits are IFNAMSIZ - 1 bytes

    // Read out of the facts before the command is submitted: a host may have very many routes.
    private readonly HostObstacles _obstacles = HostObstacles.Of(Facts, Resolvers);

    public Durability Durability => Durability.Disk;

    public Decision<CreatedNetwork> Decide(NodeState state)
    {
        var problems = new List<Problem>();
        if (state.NetworkNames.TryGetValue(Spec.Name, out var taken))
        {
            return Decision<CreatedNetwork>.Refused(Refusal.Of(
                409, "network.exists", "NAME", $"a network {Spec.Name} exists already ({taken.Short})", "choose another name, or netctl rm it first"));
        }

        var id = new NetworkId(Ids.NewId());
        var (linkName, adopted) = ClaimLink(state, id, problems);
        var claim = new SubnetClaim(Spec, state.Subnets, _obstacles.Beside(state.LinkNames.ContainsKey), adopted);
        var ipv4 = claim.Claim(isIpv6: false);
        var ipv6 = claim.Claim(isIpv6: true);
        problems.AddRange(claim.Problems);
        if (problems.Count > 0)
        {
            return Decision<CreatedNetwork>.Refused(new Refusal(409, [.. problems]));
        }

        var record = new NetworkRecord
        {
            Id = id,
            Spec = Spec,
            LinkName = linkName,
            LinkMac = Ids.NewMac(),
            AdoptsLink = adopted is not null,
            AdoptedAddresses = adopted is null ? [] : [.. adopted.Addresses.Select(static a => a.Address)],
            Ipv4 = WithGateway(Spec, ipv4, isIpv6: false),
            Ipv6 = WithGateway(Spec, ipv6, isIpv6: true),
            Created = Now,
        };
        var next = WithNetwork(state, record, claim.Plan);
        next = next with { Node = HostSysctls.Remember(state.Node, Facts, next.Forwarding4 > 0, next.Forwarding6 > 0) };
        return Decision<CreatedNetwork>.Granted(
            next,
            new StoreChange { Networks = [record], Node = ReferenceEquals(next.Node, state.Node) ? null : next.Node },
            new Touched { Node = NodeChanged(state, next), Networks = [id] },
            new CreatedNetwork(record, [.. claim.Warnings]));
    }

    /// <summary>The state with a network that was granted before: at start, from the store.</summary>
    public static NodeState Restore(NodeState state, NetworkRecord record)
    {
        var plan = state.Subnets;
        foreach (var subnet in new[] { record.Ipv4, record.Ipv6 })
        {
            plan = subnet is null ? plan : plan.Hold(subnet.Prefix, $"network {record.Spec.Name}");
        }

        return WithNetwork(state, record, plan);
    }

    /// <summary>Whether the node's own objects differ between two states.</summary>
    public static bool NodeChanged(NodeState before, NodeState after) =>
        before.Networks.IsEmpty != after.Networks.IsEmpty
        || (before.Forwarding4 > 0) != (after.Forwarding4 > 0)
        || (before.Forwarding6 > 0) != (after.Forwarding6 > 0)
        || !ReferenceEquals(before.Node, after.Node);

    private static NodeState WithNetwork(NodeState state, NetworkRecord record, AddressSpace plan) => state with
    {
        Revision = state.Revision + 1,
        Networks = state.Networks.Add(record.Id, new NetworkEntry(
            record,
            record.Ipv4 is { } ipv4 ? PoolOf(state, record.Spec, ipv4) : null,
            record.Ipv6 is { } ipv6 ? PoolOf(state, record.Spec, ipv6) : null)),
        NetworkNames = state.NetworkNames.Add(record.Spec.Name, record.Id),
        LinkNames = state.LinkNames.Add(record.LinkName, record.Id),
        Subnets = plan,
        Forwarding4 = state.Forwarding4 + (HostSysctls.NeedsForwarding4(record) ? 1 : 0),
        Forwarding6 = state.Forwarding6 + (HostSysctls.NeedsForwarding6(record) ? 1 : 0),
    };

    /// <summary>The pool of a subnet, with what is set aside in it.</summary>
    public static AddressPool PoolOf(NodeState state, NetworkSpec spec, SubnetRecord subnet)
    {
        var pool = AddressPool.Create(
            subnet.Prefix, new PoolRules { Range = subnet.Range, IsSerial = IpamOptions.Of(spec).IsSerial, Rest = state.AddressRest });
        pool = subnet.Gateway is { } gateway ? pool.Reserve(gateway, "gateway").Pool : pool;
        return subnet.AuxAddresses.Aggregate(pool, static (p, a) => p.Reserve(a.Value, $"auxiliary address {a.Key}").Pool);
    }

    /// <summary>A granted subnet without its gateway if the network is isolated: it leads nowhere, and endpoints may have the address.</summary>
    public static SubnetRecord? WithGateway(NetworkSpec spec, SubnetRecord? subnet, bool isIpv6) =>
        BridgeOptions.Of(spec).ModeOf(isIpv6) == GatewayMode.Isolated && subnet is not null ? subnet with { Gateway = null } : subnet;

    private (string Name, HostLink? Adopted) ClaimLink(NodeState state, NetworkId id, List<Problem> problems)
    {
        if (BridgeOptions.Of(Spec).LinkName is not { } asked)
        {
            return ($"br-{id.Value[..LinkNameDigits]}", null);
        }

        if (state.LinkNames.TryGetValue(asked, out var holder))
        {
            problems.Add(new Problem(
                "link.taken", "name", $"device {asked} belongs to network {state.Networks[holder].Name}", "choose another device name"));
            return (asked, null);
        }

        var found = Facts.Links.FirstOrDefault(l => l.Name == asked);
        if (found is { Kind: not "bridge" })
        {
            problems.Add(new Problem(
                "link.kind",
                "name",
                $"device {asked} exists and is not a bridge but {(found.Kind.Length == 0 ? "hardware" : found.Kind)}",
                "choose a name that no device has, or that of a bridge to adopt"));
        }

        // A bridge with our own mark is one that is on its way out, or back after a restart: made anew, not adopted.
        var isOurs = found?.Alias?.StartsWith(state.OwnerTag, StringComparison.Ordinal) ?? false;
        return (asked, isOurs ? null : found);
    }
}

/// <summary>What was granted.</summary>
/// <param name="Network">The network as committed.</param>
/// <param name="Warnings">What the user should know of it.</param>
internal sealed record CreatedNetwork(NetworkRecord Network, ImmutableArray<string> Warnings);

using System.Net;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Claims a name, a device and subnets for a network that its driver has judged valid.</summary>
/// <param name="Spec">What is asked.</param>
/// <param name="Facts">The host as it was read just before: its addresses and routes are not given out.</param>
/// <param name="Resolvers">Addresses of the host's name servers: a default pool that holds one is not given out.</param>
/// <param name="Ids">Source of the id and the hardware address.</param>
/// <param name="Now">Moment of the request.</param>
internal sealed record CreateNetwork(NetworkSpec Spec, HostFacts Facts, IReadOnlyList<IPAddress> Resolvers, IIdSource Ids, DateTimeOffset Now)
    : IIntentCommand<NetworkRecord>
{
    private const int LinkNameDigits = 12; // br- and 12 digits are IFNAMSIZ - 1 bytes

    public Durability Durability => Durability.Disk;

    public Decision<NetworkRecord> Decide(NodeState state)
    {
        var problems = new List<Problem>();
        if (state.NetworkNames.TryGetValue(Spec.Name, out var taken))
        {
            return Decision<NetworkRecord>.Refused(Refusal.Of(
                409, "network.exists", "NAME", $"a network {Spec.Name} exists already ({taken.Short})", "choose another name, or netctl rm it first"));
        }

        var id = new NetworkId(Ids.NewId());
        var (linkName, adopted) = ClaimLink(state, id, problems);
        var plan = state.Subnets;
        var ipv4 = Spec.Ipv4 ? ClaimSubnet(ref plan, isIpv6: false, adopted, problems) : null;
        var ipv6 = Spec.Ipv6 ? ClaimSubnet(ref plan, isIpv6: true, adopted, problems) : null;
        if (problems.Count > 0)
        {
            return Decision<NetworkRecord>.Refused(new Refusal(409, [.. problems]));
        }

        var record = new NetworkRecord
        {
            Id = id,
            Spec = Spec,
            LinkName = linkName,
            LinkMac = Ids.NewMac(),
            AdoptsLink = adopted is not null,
            AdoptedAddresses = adopted is null ? [] : [.. adopted.Addresses.Select(static a => a.Address)],
            Ipv4 = ipv4,
            Ipv6 = ipv6,
            Created = Now,
        };
        var next = WithNetwork(state, record, plan);
        next = next with { Node = HostSysctls.Remember(state.Node, Facts, next.Forwarding4 > 0, next.Forwarding6 > 0) };
        return Decision<NetworkRecord>.Granted(
            next,
            new StoreChange { Networks = [record], Node = ReferenceEquals(next.Node, state.Node) ? null : next.Node },
            new Touched { Node = NodeChanged(state, next), Networks = [id] },
            record);
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
        Networks = state.Networks.Add(record.Id, new NetworkEntry(record, PoolOf(record.Ipv4), PoolOf(record.Ipv6))),
        NetworkNames = state.NetworkNames.Add(record.Spec.Name, record.Id),
        LinkNames = state.LinkNames.Add(record.LinkName, record.Id),
        Subnets = plan,
        Forwarding4 = state.Forwarding4 + (HostSysctls.NeedsForwarding4(record) ? 1 : 0),
        Forwarding6 = state.Forwarding6 + (HostSysctls.NeedsForwarding6(record) ? 1 : 0),
    };

    private static AddressPool? PoolOf(SubnetRecord? subnet)
    {
        if (subnet is null)
        {
            return null;
        }

        var pool = AddressPool.Create(subnet.Prefix);
        return subnet.Gateway is { } gateway ? pool.Reserve(gateway, "gateway").Pool : pool;
    }

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

    private SubnetRecord? ClaimSubnet(ref AddressSpace plan, bool isIpv6, HostLink? adopted, List<Problem> problems)
    {
        var asked = Spec.Subnets.FirstOrDefault(s => (Prefix.BitsOf(s.Prefix.BaseAddress) == 128) == isIpv6);
        var own = adopted?.Addresses.FirstOrDefault(a => a.IsIpv6 == isIpv6 && !a.Address.IsIPv6LinkLocal);
        if (asked is null && own is not null)
        {
            // An adopted bridge brings its subnet along.
            asked = new SubnetSpec(own.Network, own.Address);
        }

        if (asked is null)
        {
            return ClaimFree(ref plan, isIpv6, problems);
        }

        if (plan.Overlapping(asked.Prefix) is { } overlap)
        {
            problems.Add(new Problem(
                "subnet.overlap",
                "--subnet",
                $"subnet {asked.Prefix} overlaps {overlap.Prefix} of {overlap.Holder}",
                "choose another subnet, or leave it out for the next free one"));
            return null;
        }

        var conflict = Facts.Links
            .Where(l => l.Name != adopted?.Name)
            .SelectMany(static l => l.Addresses.Select(a => (l.Name, Address: a)))
            .FirstOrDefault(a => Prefix.Overlaps(a.Address.Network, asked.Prefix) && !IsLeaving(a.Name));
        if (conflict.Name is not null)
        {
            problems.Add(new Problem(
                "subnet.host",
                "--subnet",
                $"subnet {asked.Prefix} overlaps {conflict.Address.Network} of the host's interface {conflict.Name}",
                "choose another subnet, or leave it out for the next free one"));
            return null;
        }

        plan = plan.Hold(asked.Prefix, Holder);
        return new SubnetRecord(asked.Prefix, asked.Gateway ?? AddressPool.FirstAddress(asked.Prefix));
    }

    // Devices of our own with no network behind them are being deleted while we speak.
    private bool IsLeaving(string link) =>
        Facts.Links.FirstOrDefault(l => l.Name == link)?.Alias?.StartsWith("netd:", StringComparison.Ordinal) ?? false;

    private SubnetRecord? ClaimFree(ref AddressSpace plan, bool isIpv6, List<Problem> problems)
    {
        var reserved = Facts.Routes
            .Where(static r => r.Gateway is null && r.Destination.PrefixLength > 0)
            .Select(static r => new HeldSubnet(r.Destination, $"route of {r.Link}"))
            .Concat(Resolvers.Select(static a => new HeldSubnet(new IPNetwork(a, Prefix.BitsOf(a)), "a name server of the host")));
        switch (plan.NextFree(isIpv6, reserved))
        {
            case SubnetResult.Found found:
                plan = plan.Hold(found.Subnet, Holder);
                return new SubnetRecord(found.Subnet, AddressPool.FirstAddress(found.Subnet));
            case var exhausted:
                problems.Add(new Problem(
                    "subnet.exhausted",
                    null,
                    $"{(isIpv6 ? "IPv6" : "IPv4")}: {exhausted}",
                    "give one with --subnet, or remove a network (netctl ls, netctl prune)"));
                return null;
        }
    }

    private string Holder => $"network {Spec.Name}";
}

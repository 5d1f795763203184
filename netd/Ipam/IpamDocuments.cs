using System.Globalization;
using System.Net;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Ipam;

/// <summary>Pools, subnets and addresses as the API shows them.</summary>
internal static class IpamDocuments
{
    private const int ConflictsMax = 5;

    /// <summary>All pools and subnets.</summary>
    public static IpamDocument Of(NodeState state, HostObstacles host, DateTimeOffset now)
    {
        var conflicts = ConflictsOf(state, host);
        return new IpamDocument
        {
            Pools =
            [
                .. state.Subnets.UseOf(host.Avoided.First()).Select(static p => new IpamPoolDocument
                {
                    Prefix = p.Pool.Prefix.ToString(),
                    Owner = "this node",
                    SubnetLength = p.Pool.SubnetLength,
                    Size = Text(p.Size),
                    Held = Text(p.Held),
                    Avoided = Text(p.Reserved),
                    Free = Text(p.Free),
                }),
            ],
            Subnets =
            [
                .. state.Networks.Values.OrderBy(static n => n.Name, StringComparer.Ordinal)
                    .SelectMany(n => SubnetsOf(n, p => conflicts.GetValueOrDefault(p) ?? [], now)),
            ],
        };
    }

    /// <summary>One network with every address of it that is not free.</summary>
    public static IpamNetworkDocument Of(NodeState state, NetworkEntry network, HostObstacles host, DateTimeOffset now) => new()
    {
        Network = network.Name,
        NetworkId = network.Record.Id.Value,
        Subnets = [.. SubnetsOf(network, host.Overlapping, now)],
        Addresses =
        [
            .. network.Pools
                .SelectMany(p => AddressesOf(state, network, p.AsOf(now)).OrderBy(static a => Prefix.ToNumber(a.Address)))
                .Select(static a => a.Document),
        ],
    };

    /// <summary>What of the host overlaps which subnet in force: found by going through the host, which has few of either.</summary>
    public static IReadOnlyDictionary<IPNetwork, List<HostObstacle>> ConflictsOf(NodeState state, HostObstacles host)
    {
        var conflicts = new Dictionary<IPNetwork, List<HostObstacle>>();

        // A network that stands on an interface of the host is meant to have the subnet that the host has there.
        var shared = state.Networks.Values
            .Where(static n => n.Traits.Parent is not null)
            .SelectMany(static n => n.Record.Subnets.Select(s => (s.Prefix, n.Record.LinkName)))
            .ToHashSet();
        foreach (var obstacle in host.All.Where(static o => o.Kind != ObstacleKind.Everything))
        {
            foreach (var held in state.Subnets.AllOverlapping(obstacle.Prefix).Where(h => !shared.Contains((h.Prefix, obstacle.Link))))
            {
                if (!conflicts.TryGetValue(held.Prefix, out var list))
                {
                    conflicts.Add(held.Prefix, list = []);
                }

                list.Add(obstacle);
            }
        }

        return conflicts;
    }

    private static IEnumerable<IpamSubnetDocument> SubnetsOf(
        NetworkEntry network, Func<IPNetwork, IEnumerable<HostObstacle>> conflicts, DateTimeOffset now)
    {
        foreach (var pool in network.Pools)
        {
            if (network.Record.SubnetOf(pool.Prefix.BaseAddress) is { } record)
            {
                yield return Subnet(network, record, pool.AsOf(now), conflicts(record.Prefix));
            }
        }
    }

    private static IpamSubnetDocument Subnet(NetworkEntry network, SubnetRecord record, AddressPool pool, IEnumerable<HostObstacle> conflicts) => new()
    {
        Prefix = record.Prefix.ToString(),
        Network = network.Name,
        NetworkId = network.Record.Id.Value,
        Gateway = record.Gateway?.ToString(),
        DefaultGateway = Equals(record.DefaultGateway, record.Gateway) ? null : record.DefaultGateway?.ToString(),
        Range = record.Range?.ToString(),
        Order = IpamOptions.Of(network.Record.Spec).IsSerial ? "serial" : "next",
        Leased = Text(pool.LeasedCount),
        Resting = Text((UInt128)pool.RestingCount),
        Free = Text(pool.FreeCount),
        Conflicts = [.. conflicts.Take(ConflictsMax).Select(static o => o.ToString())],
    };

    private static IEnumerable<(IPAddress Address, IpamAddressDocument Document)> AddressesOf(NodeState state, NetworkEntry network, AddressPool pool)
    {
        foreach (var (address, reason) in pool.ReservedAddresses)
        {
            yield return (address, new IpamAddressDocument { Address = address.ToString(), State = "reserved", Reason = reason });
        }

        foreach (var (address, until) in pool.RestingAddresses)
        {
            yield return (address, new IpamAddressDocument { Address = address.ToString(), State = "resting", Until = until });
        }

        foreach (var (address, id) in network.Leases.Where(l => Prefix.Contains(pool.Prefix, l.Key)))
        {
            var endpoint = state.Endpoints[id];
            yield return (address, new IpamAddressDocument
            {
                Address = address.ToString(),
                State = "leased",
                Endpoint = endpoint.Name,
                EndpointId = id.Value,
                Sandbox = state.Sandboxes[endpoint.SandboxId].Record.Name,
                SandboxId = endpoint.SandboxId.Value,
                BootId = endpoint.BootId,
                Since = endpoint.Created,
            });
        }
    }

    private static string Text(UInt128 count) => count.ToString(CultureInfo.InvariantCulture);
}

using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using Networking.Model;

namespace Networking.Kernel.Tests.Plan;

/// <summary>States that a seed decides, over few enough names that two of them often meet.</summary>
internal sealed class RandomStates(int seed)
{
    private static readonly NetNs[] s_namespaces = [NetNs.Host, new(5), new(6)];
    private static readonly string[] s_names = ["aa", "br", "eth0", "veth", "zz"];

    // Names are drawn, and who drew a name decides; a seed makes the same states on every machine.
#pragma warning disable CA5394 // no secret depends on it
    private readonly Random _random = new(seed);

    /// <summary>A state; the same generator gives another each time.</summary>
    public KernelState Next()
    {
        var links = Links();
        var objects = links.Values.Cast<KernelObject>().ToList();
        foreach (var link in links.Values.OrderBy(static l => l.Key).ToArray())
        {
            objects.AddRange(Maybe(0.5, () => new AddressState
            {
                Namespace = link.Namespace,
                Link = link.Name,
                Address = new InterfaceAddress(IPAddress.Parse($"10.0.0.{_random.Next(1, 4)}"), 24),
            }));
            objects.AddRange(Maybe(0.3, () => new NeighborState
            {
                Namespace = link.Namespace,
                Link = link.Name,
                Address = IPAddress.Parse("10.0.0.9"),
                Mac = new MacAddress((ulong)_random.Next(1, 3)),
            }));
            objects.AddRange(Maybe(0.3, () => new FdbState { Namespace = link.Namespace, Link = link.Name, Mac = new MacAddress(7) }));
            objects.AddRange(Maybe(0.3, () => new SysctlState
            {
                Namespace = link.Namespace,
                Path = $"net/ipv4/conf/{link.Name}/x",
                Value = $"{_random.Next(3)}",
                Link = link.Name,
            }));
        }

        foreach (var ns in s_namespaces)
        {
            objects.AddRange(Maybe(0.5, () => new SysctlState
            {
                Namespace = ns,
                Path = "net/ipv4/y",
                Value = $"{_random.Next(3)}",
                Original = _random.Next(2) == 0 ? null : "0",
            }));
            objects.AddRange(Maybe(0.3, () => new RuleState { Namespace = ns, IsIpv6 = false, Priority = 9, Mark = 1, Table = 100 }));
            if (links.Values.Where(l => l.Namespace == ns).OrderBy(static l => l.Key).ToArray() is { Length: > 0 } here)
            {
                objects.AddRange(Maybe(0.6, () => new RouteState
                {
                    Namespace = ns,
                    Destination = IPNetwork.Parse("0.0.0.0/0"),
                    Link = here[_random.Next(here.Length)].Name,
                }));
            }

            objects.AddRange(Firewall(ns));
            objects.AddRange(Maybe(0.4, () => new ForeignAdmissionState
            {
                Namespace = ns,
                Family = "ip",
                Table = "filter",
                Chain = _random.Next(2) == 0 ? "FORWARD" : "DOCKER-USER",
                Mark = (uint)_random.Next(1, 3),
            }));
        }

        return KernelState.Of(objects);
    }

    private Dictionary<ObjectKey, LinkState> Links()
    {
        var links = new Dictionary<ObjectKey, LinkState>();
        var ranks = s_names.ToList();
        _random.Shuffle(CollectionsMarshal.AsSpan(ranks));
        foreach (var ns in s_namespaces)
        {
            foreach (var name in s_names.Where(_ => _random.NextDouble() < 0.5))
            {
                var link = new LinkState { Namespace = ns, Name = name, Details = Details(ns), MtuBytes = _random.Next(2) == 0 ? null : 1500 - _random.Next(2) };
                // A device stands on one of an earlier rank, so that none stands on itself in the end.
                if (links.ContainsKey(link.Key) || (link.Details is VlanLink vlan && ranks.IndexOf(vlan.Parent) >= ranks.IndexOf(name)))
                {
                    continue;
                }

                if (link.Details is VethLink pair)
                {
                    var other = new LinkState { Namespace = pair.PeerNamespace, Name = pair.PeerName, Details = new VethPeerLink(ns, name) };
                    if (other.Key == link.Key || !links.TryAdd(other.Key, other))
                    {
                        continue;
                    }
                }

                links.Add(link.Key, link);
            }
        }

        foreach (var (key, link) in links.ToArray())
        {
            if (links.GetValueOrDefault(LinkState.KeyOf(link.Namespace, "br")) is { Details: BridgeLink } && link.Name != "br" && _random.Next(2) == 0)
            {
                links[key] = link with { Master = "br" };
            }
        }

        return links;
    }

    private LinkDetails Details(NetNs ns) => _random.Next(6) switch
    {
        0 or 1 => new BridgeLink(),
        2 => new VethLink(s_namespaces[_random.Next(3)], s_names[_random.Next(s_names.Length)], new MacAddress(2)),
        3 when ns.IsHost => new ExistingLink("bridge"),
        4 => new VlanLink(s_names[_random.Next(s_names.Length)], 7),
        _ => new DummyLink(),
    };

    private IEnumerable<KernelObject> Firewall(NetNs ns)
    {
        if (_random.Next(2) == 0)
        {
            return [];
        }

        var type = _random.Next(2) == 0 ? FirewallType.Port : FirewallType.Mark;
        ImmutableArray<FirewallType> values = _random.Next(2) == 0 ? [FirewallType.Ipv4Address] : [FirewallType.Ipv4Address, FirewallType.Port];
        return
        [
            new FirewallTableState { Namespace = ns, Name = "netd" },
            new FirewallSetState { Namespace = ns, Table = "netd", Name = "s", KeyTypes = [type] },
            new FirewallSetState { Namespace = ns, Table = "netd", Name = "m", KeyTypes = [FirewallType.Port], ValueTypes = values },
            new FirewallElementState
            {
                Namespace = ns,
                Table = "netd",
                Set = "m",
                KeyParts = ["80"],
                KeyTypes = [FirewallType.Port],
                Value = values.Length == 1 ? "10.0.0.1" : $"10.0.0.1 . {_random.Next(80, 82)}",
                ValueTypes = values,
            },
            new FirewallChainState
            {
                Namespace = ns, Table = "netd", Name = "c", Rules = [FirewallRule.Create($"rule {_random.Next(2)}", new Counter())],
            },
            new FirewallElementState
            {
                Namespace = ns, Table = "netd", Set = "s", KeyParts = ["1"], KeyTypes = [type], Comment = $"scope {_random.Next(2)}",
            },
        ];
    }

    private ImmutableArray<T> Maybe<T>(double chance, Func<T> make) => _random.NextDouble() < chance ? [make()] : [];
#pragma warning restore CA5394
}

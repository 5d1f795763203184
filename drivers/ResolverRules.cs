using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// The way from a sandbox's processes to its resolver: what they send to port 53 of the resolver's address goes to the sockets
/// that are kept there, so that the sandbox's own port 53 stays free.
/// </summary>
/// <remarks>
/// <code>
///   process ──► 127.0.0.11:53 ──output: dnat──► 127.0.0.11:61053 (sockets of the daemon) ──► answer, translated back
/// </code>
/// While the daemon is down nobody listens, and the kernel would say so at once; the rules in input keep that from the
/// process, which then waits and asks again, as for any datagram that is lost.
/// </remarks>
internal static class ResolverRules
{
    private const string Map = "resolver";
    private const int Port = 53;
    private const byte Icmp = 1;
    private const byte Tcp = 6;

    private static readonly ImmutableArray<FirewallType> KeyTypes = [FirewallType.Ipv4Address, FirewallType.Protocol, FirewallType.Port];
    private static readonly ImmutableArray<FirewallType> ValueTypes = [FirewallType.Ipv4Address, FirewallType.Port];

    private static readonly ImmutableArray<FirewallField> Fields =
        [FirewallField.Ipv4Destination, FirewallField.Protocol, FirewallField.DestinationPort];

    /// <summary>Table, map, elements and chains inside the sandbox.</summary>
    public static IEnumerable<KernelObject> Desired(NetNs ns, IPEndPoint resolver, ScopeId owner)
    {
        yield return new FirewallTableState { Namespace = ns, Name = Ownership.FirewallTable };
        yield return new FirewallSetState { Namespace = ns, Table = Ownership.FirewallTable, Name = Map, KeyTypes = KeyTypes, ValueTypes = ValueTypes };
        foreach (var protocol in new[] { "tcp", "udp" })
        {
            yield return new FirewallElementState
            {
                Namespace = ns,
                Table = Ownership.FirewallTable,
                Set = Map,
                KeyTypes = KeyTypes,
                KeyParts = [resolver.Address.ToString(), protocol, Port.ToString(CultureInfo.InvariantCulture)],
                ValueTypes = ValueTypes,
                Value = $"{resolver.Address} . {resolver.Port.ToString(CultureInfo.InvariantCulture)}",
                Comment = owner.Value,
            };
        }

        yield return Chain(ns, "output", new BaseChain("nat", FirewallHook.Output, -100),
            FirewallRule.Create("to the resolver", new MatchFamily(IsIpv6: false), new DestinationNatMap(IsIpv6: false, Fields, Map, HasPort: true)));
        var itself = new MatchPrefix(FirewallField.Ipv4Source, new IPNetwork(resolver.Address, 32));
        var drop = new Verdict(FirewallVerdict.Drop);
        yield return Chain(ns, "input", new BaseChain("filter", FirewallHook.Input, 0),
            FirewallRule.Create("nobody listens", itself, new MatchProtocol(Icmp), new MatchTranslated(), new Counter(), drop),
            FirewallRule.Create("nobody accepts", itself, new MatchProtocol(Tcp), new MatchTcpReset(), new MatchTranslated(), new Counter(), drop));
    }

    private static FirewallChainState Chain(NetNs ns, string name, BaseChain hook, params ImmutableArray<FirewallRule> rules) => new()
    {
        Namespace = ns,
        Table = Ownership.FirewallTable,
        Name = name,
        Base = hook,
        Rules = rules,
    };
}

using System.Collections.Immutable;
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
///   process ──► 127.0.0.11:53 ──lo ingress: port written──► 127.0.0.11:61053 (sockets of the daemon)
///   process ◄── 127.0.0.11:53 ◄──lo ingress: port written── 127.0.0.11:61053
/// </code>
/// Each packet is rewritten by itself, before connection tracking and without it: neither does the namespace need translation
/// set up, nor does a question leave an entry behind. The hook is the loopback's own: no other interface has one, so traffic
/// through them is as fast as without a resolver.
/// While the daemon is down nobody listens, and the kernel would say so at once; two rules keep that from the process, which
/// then waits and asks again, as for any datagram that is lost.
/// </remarks>
internal static class ResolverRules
{
    private const string Name = "resolver";
    private const string Loopback = "lo";
    private const int First = -300; // among hooks of the same device, of which there are none
    private const ushort Port = 53;
    private const byte Icmp = 1;
    private const byte Tcp = 6;
    private const byte Udp = 17;

    /// <summary>Table and chain inside the sandbox.</summary>
    public static IEnumerable<KernelObject> Desired(NetNs ns, IPEndPoint resolver)
    {
        yield return new FirewallTableState { Namespace = ns, Name = Ownership.FirewallTable };
        yield return new FirewallChainState
        {
            Namespace = ns,
            Table = Ownership.FirewallTable,
            Name = Name,
            Base = new BaseChain("filter", FirewallHook.Ingress, First, Loopback),
            Rules = Rules(new IPNetwork(resolver.Address, 32), (ushort)resolver.Port),
        };
    }

    private static ImmutableArray<FirewallRule> Rules(IPNetwork resolver, ushort sockets)
    {
        var to = new MatchPrefix(FirewallField.Ipv4Destination, resolver);
        var from = new MatchPrefix(FirewallField.Ipv4Source, resolver);
        var accept = new Verdict(FirewallVerdict.Accept);
        var drop = new Verdict(FirewallVerdict.Drop);
        return
        [
            Rewritten("question by udp", to, Udp, FirewallField.DestinationPort, Port, sockets),
            Rewritten("question by tcp", to, Tcp, FirewallField.DestinationPort, Port, sockets),
            Rewritten("answer by udp", from, Udp, FirewallField.SourcePort, sockets, Port),
            FirewallRule.Create(
                "nobody accepts", from, new MatchProtocol(Tcp), new MatchPort(FirewallField.SourcePort, sockets), new MatchTcpReset(), new Counter(), drop),
            Rewritten("answer by tcp", from, Tcp, FirewallField.SourcePort, sockets, Port),
            FirewallRule.Create("nobody listens", from, new MatchProtocol(Icmp), new MatchUnreachable(), new Counter(), drop),
        ];

        FirewallRule Rewritten(string purpose, MatchPrefix address, byte protocol, FirewallField field, ushort old, ushort other) => FirewallRule.Create(
            purpose, address, new MatchProtocol(protocol), new MatchPort(field, old), new NoTrack(), new SetPort(protocol, field, other), accept);
    }
}

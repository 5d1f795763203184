using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;
using Networking.Netd.Firewall;
using Networking.Netd.Ipam;
using IHost = Networking.Kernel.IHost;

namespace Networking.Netd.Diagnosis;

/// <summary>Looks at the host and says what stands in the way of networks, and what to do about it.</summary>
internal sealed class Doctor(IHost host, IFeatureProbe features, Reconciler reconciler, Cluster.ClusterKeeper cluster)
{
    private const string NfCall4 = "net/bridge/bridge-nf-call-iptables";
    private const string ReversePath = "net/ipv4/conf/all/rp_filter";

    public async Task<DoctorDocument> CheckAsync(NodeState state, CancellationToken cancellationToken)
    {
        var facts = await host.ReadAsync([.. HostSysctls.OfHost, NfCall4, ReversePath], cancellationToken);
        var probe = await features.ProbeAsync(cancellationToken);
        var checks = ImmutableArray.CreateBuilder<DoctorCheckDocument>();
        checks.AddRange(probe.Select(f => new DoctorCheckDocument(
            $"kernel: {f.Name}",
            f.IsPresent ? "ok" : f.IsRequired && (!f.IsFirewall || state.Firewall.Backend == FirewallBackend.Nftables) ? "failed" : "missing",
            f.IsPresent ? "works" : f.Detail,
            f.IsPresent ? null : f.Remedy)));
        checks.Add(Forwarding(facts, state, HostSysctls.Forwarding4, "IPv4", state.Forwarding4));
        checks.Add(Forwarding(facts, state, HostSysctls.Forwarding6, "IPv6", state.Forwarding6));
        checks.Add(BridgeFilter(facts));
        checks.Add(Firewall(state));
        if (await UserRules.NotAskedByAsync(state.Firewall, features, cancellationToken) is { } rules)
        {
            checks.Add(new("your rules", "warning", rules, $"netctl firewall iptables, or {UserRules.Elsewhere}"));
        }

        checks.AddRange(await ForeignDropsAsync(state, cancellationToken));
        checks.Add(Subnets(facts, state));
        checks.Add(Scopes());
        checks.AddRange(await ClusterChecks.OfAsync(cluster, cancellationToken));
        return new DoctorDocument { Checks = checks.ToImmutable() };
    }

    private static DoctorCheckDocument Forwarding(HostFacts facts, NodeState state, string path, string family, int networks)
    {
        var value = facts.Sysctls.GetValueOrDefault(path, "absent");
        var isOurs = state.Node.OriginalSysctls.GetValueOrDefault(path) == "0";
        return (value, networks) switch
        {
            (_, 0) => new($"forwarding {family}", "ok", $"{value}; no network needs it"),
            ("0", _) => new($"forwarding {family}", "failed", $"off, although {networks} networks need it", "netctl repair turns it on again; find out who turned it off"),
            _ when isOurs && NodeComposer.IsLeftTo(state.ForeignLinks, path) => new(
                $"forwarding {family}",
                "ok",
                $"on, turned on by netd, and left on with the last network for those who forward by rules of their own, for {LinksText(state, family == "IPv6")}; between other interfaces packets are dropped"),
            _ when isOurs => new($"forwarding {family}", "ok", "on, turned on by netd: packets between interfaces that are not netd's are dropped, and the value is put back with the last network"),
            _ => new($"forwarding {family}", "ok", "on, as found"),
        };
    }

    private static string LinksText(NodeState state, bool isIpv6, bool areGuarded = false) =>
        string.Join(", ", state.ForeignLinks.Where(l => l.IsIpv6 == isIpv6 && (l.IsGuarded || !areGuarded)).Select(static l => l.Name));

    private static DoctorCheckDocument BridgeFilter(HostFacts facts) => facts.Sysctls.GetValueOrDefault(NfCall4) switch
    {
        null => new("bridge netfilter", "ok", "not loaded: bridged packets do not pass the firewall"),
        "1" => new(
            "bridge netfilter",
            "ok",
            "on: packets between two ports of a bridge pass the forward chains too; netd's accept them, and the kernel tracks each, which costs about a fifth of the small ones",
            $"if nothing else on this host needs it: sysctl -w {NfCall4.Replace('/', '.')}=0, and the same for ip6tables"),
        var value => new("bridge netfilter", "ok", $"off ({value})"),
    };

    private static DoctorCheckDocument Firewall(NodeState state) => state.Firewall switch
    {
        { Backend: FirewallBackend.None } none => new("firewall", "warning", $"{none}: {none.Warning}", "netctl firewall auto"),
        { Warning: { } warning } doubtful => new("firewall", "failed", $"{doubtful}: {warning}"),
        { Backend: FirewallBackend.Iptables, IsLegacy: true } legacy => new(
            "firewall", "ok", $"{legacy}; nobody tells of changes to its tables, so their sizes are looked at twice a second, and their rules at every full check"),
        var chosen => new("firewall", "ok", chosen.ToString()),
    };

    private async Task<IEnumerable<DoctorCheckDocument>> ForeignDropsAsync(NodeState state, CancellationToken cancellationToken)
    {
        var drops = await features.ForeignForwardDropsAsync(cancellationToken);
        return drops.IsEmpty
            ? [new DoctorCheckDocument("foreign firewalls", "ok", "no other forward chain drops by default")]
            : drops.Select(d => ForeignObstacles.IsOverruled(state.Firewall, d)
                ? new DoctorCheckDocument(
                    "foreign firewalls", "ok", $"chain {d.Chain} of table {d.Family} {d.Table} drops forwarded packets by default; netd's rules stand before it in the same chain")
                : IsAdmitted(state, d)
                ? new DoctorCheckDocument(
                    "foreign firewalls",
                    "ok",
                    $"{d.Describe()} drops forwarded packets by default; a rule of netd's in {d.AdmissionChain} accepts those with mark 0x{state.AdmissionMark:x}{GuardedText(state, d)}")
                : new DoctorCheckDocument(
                    "foreign firewalls",
                    "warning",
                    d.AcceptsTranslated
                        ? $"{d.Describe()} drops forwarded packets by default, but for published ports; an accept of netd's cannot overrule it"
                        : $"{d.Describe()} drops forwarded packets by default; an accept of netd's cannot overrule it",
                    d.InwardRemedy is null ? d.Remedy : $"{d.Remedy}; for gateway modes routed and nat-unprotected: {d.InwardRemedy}"));
    }

    private static string GuardedText(NodeState state, ForeignDrop drop) => LinksText(state, !drop.Sees(isIpv6: false), areGuarded: true) is { Length: > 0 } links
        ? $", which packets to {links} do not get: they are judged by the rules of others"
        : string.Empty;

    // Our rule goes with the last network, and comes with the first.
    private static bool IsAdmitted(NodeState state, ForeignDrop drop) =>
        state.Routed > 0 && state.ForeignChains.Contains(new ForeignChain(drop.Family, drop.Table, drop.AdmissionChain ?? string.Empty));

    private static DoctorCheckDocument Subnets(HostFacts facts, NodeState state)
    {
        var conflicts = IpamDocuments.ConflictsOf(state, HostObstacles.Of(facts, []).Beside(state.SubnetsOn));
        var (subnet, obstacles) = conflicts.OrderBy(static c => c.Value[0].Kind).ThenBy(static c => c.Key.ToString(), StringComparer.Ordinal).FirstOrDefault();
        return obstacles is null
            ? new("subnets", "ok", "no network overlaps a network or route of the host")
            : new(
                "subnets",
                "warning",
                $"{conflicts.Count} {(conflicts.Count == 1 ? "subnet overlaps" : "subnets overlap")} a network or route of the host, the first: {subnet} and {obstacles[0]}",
                "netctl ipam ls lists them; what the route leads to is not reached from here under addresses of the network");
    }

    private DoctorCheckDocument Scopes()
    {
        var late = reconciler.Statuses.Where(static s => !s.Value.IsDone).OrderBy(static s => s.Key).ToArray();
        return late.Length == 0
            ? new("objects", "ok", $"all {reconciler.Statuses.Count} scopes are as asked")
            : new("objects", "warning", $"{late.Length} scopes are not as asked, the first: {late[0].Key}: {late[0].Value.Reason}", "netctl explain NAME tells more");
    }
}

using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Tries features in a throw-away namespace with the operations that use them, so that it tells what would happen.</summary>
internal sealed class FeatureProbe(NamespaceDirectory directory, IKernel kernel, ForeignTranslations translations, IptablesFirewall iptables, string probeDirectory) : IFeatureProbe
{
    private const string Bridge = "probe-br";

    public async Task<ImmutableArray<KernelFeature>> ProbeAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(probeDirectory, $"probe-{Environment.ProcessId}-{Environment.TickCount64}");
        var ns = (await directory.CreateAsync(path, [], cancellationToken)).Namespace;
        try
        {
            return
            [
                await TryAsync("bridge", "CONFIG_BRIDGE", isRequired: true, Link(ns, Bridge, new BridgeLink())),
                await TryAsync("veth", "CONFIG_VETH", isRequired: true, Link(ns, "probe-a", new VethLink(ns, "probe-b", new MacAddress(0x020000000001)))),
                await TryAsync("nf_tables with NAT in family inet", "CONFIG_NF_TABLES_INET, CONFIG_NFT_NAT, CONFIG_NFT_MASQ", isRequired: true, Firewall(ns)) with { IsFirewall = true },
                await TryAsync("nf_tables at the loopback's ingress, for names", "Linux 5.10; without it: netd --dns off", isRequired: false, Rewriting(ns)),
                await TryAsync("bridge port isolation", "Linux 4.18", isRequired: false, Isolated(ns)),
                await TryAsync("macvlan", "CONFIG_MACVLAN", isRequired: false, Link(ns, "probe-mv", new MacvlanLink(ns, Bridge, MacvlanMode.Bridge))),
                await TryAsync("802.1Q", "CONFIG_VLAN_8021Q", isRequired: false, Link(ns, "probe-vl", new VlanLink(Bridge, 50))),
                await TryAsync("VXLAN", "CONFIG_VXLAN", isRequired: false, Link(ns, "probe-vx", new VxlanLink(8_388_608, 4789, null))),
                await TryAsync("dummy", "CONFIG_DUMMY", isRequired: false, Link(ns, "probe-du", new DummyLink())),
            ];
        }
        finally
        {
            await directory.RemoveAsync(ns, path);
        }
    }

    public async Task<FirewallFacts> FirewallAsync(bool isForIptables, CancellationToken cancellationToken)
    {
        var nftables = isForIptables ? null : await NftablesProblemAsync(cancellationToken);
        if (nftables is null && !isForIptables)
        {
            return new FirewallFacts(null, null, IsIptablesLegacy: false, "not looked for, because nf_tables works");
        }

        var (tool, problem) = await directory.Lanes.RunAsync(NetNs.Host, Lane.Firewall, iptables.FindTool, cancellationToken);
        return new FirewallFacts(nftables, tool?.Version, tool?.IsLegacy == true, problem);
    }

    public Task<int> UserRulesAsync(CancellationToken cancellationToken) =>
        directory.Lanes.RunAsync(NetNs.Host, Lane.Firewall, iptables.CountUserRules, cancellationToken);

    private async Task<string?> NftablesProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(static transport => transport.HasTable(Ownership.FirewallTable), cancellationToken) ? null : await TryNftablesAsync();
        }
        catch (KernelException e)
        {
            return e.Message; // a kernel without nf_tables has nobody to ask
        }
    }

    // Tried in the host's namespace, in a transaction that its last step, a table that is there by then, undoes.
    private async Task<string?> TryNftablesAsync()
    {
        const string table = "netd-probe";
        KernelObject[] tried = [.. Firewall(NetNs.Host).Select(static o => o switch
        {
            FirewallChainState chain => chain with { Table = table },
            _ => (KernelObject)new FirewallTableState { Namespace = NetNs.Host, Name = table },
        })];
        var operations = tried.Append(tried[0]).Select(static o => new KernelOperation(OperationVerb.Create, null, o, [])).ToImmutableArray();
        var results = await kernel.ApplyAsync(new KernelBatch(NetNs.Host, Lane.Firewall, operations), CancellationToken.None);
        return results.Take(tried.Length).Select(static r => r.Error).FirstOrDefault(static e => e is not null and not { Errno: FirewallErrno.Canceled or FirewallErrno.Exists })?.ToString();
    }

    public Task<ImmutableArray<ForeignDrop>> ForeignForwardDropsAsync(CancellationToken cancellationToken) =>
        ReadAsync<ImmutableArray<ForeignDrop>>(static transport => [.. transport.ReadForeignForwardDrops(), .. LegacyFilter.ReadForwardDrops()], cancellationToken);

    public Task<ImmutableArray<ForeignLink>> ForeignLinksAsync(CancellationToken cancellationToken) =>
        ReadAsync<ImmutableArray<ForeignLink>>(static transport => [.. transport.ReadForeignLinks()], cancellationToken);

    public Task<ImmutableArray<ForeignDrop>> ForeignInputDropsAsync(CancellationToken cancellationToken) =>
        ReadAsync<ImmutableArray<ForeignDrop>>(static transport => [.. transport.ReadForeignInputDrops(), .. LegacyFilter.ReadInputDrops()], cancellationToken);

    public Task<ImmutableArray<ForeignPortRule>> ForeignTranslationsAsync(CancellationToken cancellationToken) =>
        translations.ReadAsync(cancellationToken);

    public Task<ImmutableArray<ForeignPortRule>> ForeignDropRulesAsync(bool isInput, CancellationToken cancellationToken) =>
        ReadAsync<ImmutableArray<ForeignPortRule>>(
            transport => [.. transport.ReadForeignDropRules(isInput ? FirewallHook.Input : FirewallHook.Forward)], cancellationToken);

    private Task<T> ReadAsync<T>(Func<SocketFirewallTransport, T> read, CancellationToken cancellationToken) =>
        directory.Lanes.RunAsync(
            NetNs.Host,
            Lane.Firewall,
            () =>
            {
                using var transport = new SocketFirewallTransport(NetNs.Host, directory.OpenSocket(NetNs.Host, NetlinkProtocol.Netfilter));
                return read(transport);
            },
            cancellationToken);

    private static LinkState Link(NetNs ns, string name, LinkDetails details) => new() { Namespace = ns, Name = name, Details = details };

    private static LinkState Isolated(NetNs ns) => Link(ns, "probe-c", new VethLink(ns, "probe-d", new MacAddress(0x020000000002))) with
    {
        Master = Bridge,
        Port = new BridgePortState(IsIsolated: true, HasHairpin: false),
    };

    private static KernelObject[] Firewall(NetNs ns) =>
    [
        new FirewallTableState { Namespace = ns, Name = Ownership.FirewallTable },
        new FirewallChainState
        {
            Namespace = ns,
            Table = Ownership.FirewallTable,
            Name = "probe",
            Base = new BaseChain("nat", FirewallHook.Postrouting, 100),
            Rules = [FirewallRule.Create("probe", new MatchFamily(IsIpv6: false), new Masquerade())],
        },
    ];

    // What a sandbox's resolver needs; in the table that was made for the first probe.
    private static FirewallChainState Rewriting(NetNs ns) => new()
    {
        Namespace = ns,
        Table = Ownership.FirewallTable,
        Name = "probe-names",
        Base = new BaseChain("filter", FirewallHook.Ingress, 0, "lo"),
        Rules = [FirewallRule.Create("probe", new MatchProtocol(17), new NoTrack(), new SetPort(17, FirewallField.DestinationPort, 53))],
    };

    private async Task<KernelFeature> TryAsync(string name, string provider, bool isRequired, params KernelObject[] objects)
    {
        var operations = objects.Select(static o => new KernelOperation(OperationVerb.Create, null, o, [])).ToImmutableArray();
        var results = await kernel.ApplyAsync(
            new KernelBatch(objects[0].Namespace, operations[0].Lane, operations), CancellationToken.None);
        var error = results.FirstOrDefault(static r => !r.IsDone).Error;
        return new KernelFeature(name, error is null, isRequired, error?.ToString() ?? "works", $"a kernel with {provider}");
    }
}

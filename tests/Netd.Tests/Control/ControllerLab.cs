using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Networking.Dns;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;
using Networking.Netd.Events;
using Networking.Netd.Forwarding;
using Networking.Netd.Ports;
using Networking.Netd.Tests.Ports;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Control;

/// <summary>The controller as the daemon composes it, over a kernel, namespaces, ports and a store in memory; without resolvers.</summary>
internal sealed class ControllerLab : IAsyncDisposable
{
    private const string Boot = "boot-1";
    private static readonly RequestOptions s_options = new(IsDryRun: false, TimeSpan.FromSeconds(20));

    private readonly ReconcilerListener _listener;
    private readonly Reconciler _reconciler;
    private readonly IntentActor _actor;
    private readonly PortForwarder _forwarder;
    private readonly PortKeeper _keeper;
    private readonly Forwarder _upstream = new(new ForwardingOptions(), TimeProvider.System, static _ => { });

    public ControllerLab()
    {
        var node = new NodeRecord { InstanceId = "0badcafe", BootId = Boot };
        var state = PredefinedNetworks.AddTo(
            new NodeState { Node = node, Subnets = AddressSpace.Create(DefaultPools.Of(node.InstanceId)) }, DateTimeOffset.UnixEpoch);
        Events = new EventLog(TimeProvider.System);
        _listener = new ReconcilerListener(Events, NullLogger.Instance, TimeProvider.System);
        _reconciler = new Reconciler(Kernel, TimeProvider.System, new ReconcilerOptions { OwnerTag = state.OwnerTag }, _listener);
        _reconciler.Start();
        _actor = new IntentActor(NameComposer.Complete(state), Store, _reconciler);
        _forwarder = new PortForwarder(new ForwarderOptions(), TimeProvider.System, static (_, _, _) => true, NullLogger.Instance);
        _keeper = new PortKeeper(Ports, _forwarder, Events);
        Controller = new NetworkController(
            _actor,
            _reconciler,
            Namespaces,
            new Host(),
            new Features(),
            new PortClerk(Ports, PortExposure.Lan, () => _keeper.SocketsLeft),
            _keeper,
            null,
            new Resolver(() => _actor.State.Names, static _ => null, _upstream, TimeProvider.System),
            Events,
            new SeededIdSource(new Random(3)),
            TimeProvider.System,
            new NodePaths("/nowhere/state", "/nowhere/run"),
            Boot);
    }

    public FakeKernel Kernel { get; } = new();

    public FakeNamespaces Namespaces { get; } = new();

    public FakeHostPorts Ports { get; } = new();

    public InMemoryStore Store { get; } = new();

    public EventLog Events { get; }

    public NetworkController Controller { get; }

    public NodeState State => _actor.State;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Types of the events so far.</summary>
    public async Task<string[]> TypesAsync() => [.. (await Events.ReadAsync(0, isFollowing: false, Cancel).ToArrayAsync(Cancel)).Select(static e => e.Type)];

    /// <summary>Somebody's namespace; another one if the path had one.</summary>
    public NetNs Namespace(string path)
    {
        var ns = Namespaces.Add(path);
        Kernel.AddNamespace(ns);
        return ns;
    }

    public Task CreateAsync(string network) =>
        Controller.CreateNetworkAsync(new CreateNetworkRequest { Name = network, Driver = "bridge" }, s_options, Cancel);

    public Task<ChangeDocument> ConnectAsync(string network, string sandbox, params ImmutableArray<string> publish) =>
        Controller.ConnectAsync(network, new ConnectRequest { Sandbox = sandbox, Publish = publish }, s_options, Cancel);

    /// <summary>Removes a network with its endpoints, for a client that may hang up.</summary>
    public Task<ChangeDocument> RemoveAsync(string network, CancellationToken client) =>
        Controller.RemoveNetworkAsync(network, isForced: true, s_options, client);

    public Task<PruneDocument> PruneAsync() => Controller.PruneAsync(s_options, Cancel);

    public async ValueTask DisposeAsync()
    {
        await _actor.DisposeAsync();
        await _reconciler.DisposeAsync();
        await _keeper.DisposeAsync();
        await _forwarder.DisposeAsync();
        await _upstream.DisposeAsync();
        _listener.Dispose();
        await Kernel.DisposeAsync();
    }

    private sealed class Host : IHost
    {
        public Task<HostFacts> ReadAsync(ImmutableArray<string> sysctls, CancellationToken cancellationToken) =>
            Task.FromResult(new HostFacts { Sysctls = sysctls.ToImmutableSortedDictionary(static s => s, static _ => "0", StringComparer.Ordinal) });
    }

    // A kernel that has all, beside which nobody filters.
    private sealed class Features : IFeatureProbe
    {
        public Task<ImmutableArray<KernelFeature>> ProbeAsync(CancellationToken cancellationToken) =>
            Task.FromResult<ImmutableArray<KernelFeature>>([new("bridge", true, true, string.Empty, string.Empty), new("veth", true, true, string.Empty, string.Empty)]);

        public Task<FirewallFacts> FirewallAsync(bool isForIptables, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> UserRulesAsync(CancellationToken cancellationToken) => Task.FromResult(0);

        public Task<ImmutableArray<ForeignDrop>> ForeignForwardDropsAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ForeignDrop>>([]);

        public Task<ImmutableArray<ForeignLink>> ForeignLinksAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ForeignLink>>([]);

        public Task<ImmutableArray<ForeignDrop>> ForeignInputDropsAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ForeignDrop>>([]);

        public Task<ImmutableArray<ForeignPortRule>> ForeignTranslationsAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ForeignPortRule>>([]);

        public Task<ImmutableArray<ForeignPortRule>> ForeignDropRulesAsync(bool isInput, CancellationToken cancellationToken) =>
            Task.FromResult<ImmutableArray<ForeignPortRule>>([]);
    }
}

using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using Networking.Dns;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Api;
using Networking.Netd.Cluster;
using Networking.Netd.Configuration;
using Networking.Netd.Control;
using Networking.Netd.Diagnosis;
using Networking.Netd.Events;
using Networking.Netd.Firewall;
using Networking.Netd.Forwarding;
using Networking.Netd.Ipam;
using Networking.Netd.Metrics;
using Networking.Netd.Ports;
using Networking.Netd.Watch;
using Networking.Netlink;
using Networking.Store;
using IHost = Networking.Kernel.IHost;

namespace Networking.Netd;

/// <summary>The ports of the daemon: what it needs of the world, made by <see cref="Program"/> and by tests.</summary>
internal sealed record DaemonPorts(
    IKernel Kernel,
    INamespaces Namespaces,
    IHost Host,
    IHostPorts HostPorts,
    IFeatureProbe Features,
    IIntentStore Store,
    NamespaceListeners? Listeners,
    Func<IEnumerable<(string Name, string Help, double Value)>> Counters)
{
    /// <summary>The API's socket, if the service manager has opened it already.</summary>
    public InheritedSocket? Socket { get; init; }
}

/// <summary>
/// Composition and life of the daemon: load, adopt, serve, stop. Stopping leaves every network and endpoint standing; the
/// next start finds them as they are and writes nothing.
/// </summary>
internal sealed partial class Daemon : IAsyncDisposable
{
    private readonly DaemonOptions _options;
    private readonly NodePaths _paths;
    private readonly DaemonPorts _ports;
    private readonly CountingKernel _kernel;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<ILoggingBuilder> _logging;
    private readonly SystemdNotifier _systemd;
    private readonly EventLog _events;
    private readonly ReconcilerListener _listener;
    private readonly PortForwarder _forwarder;
    private readonly PortKeeper _keeper;
    private readonly SandboxFiles _files;
    private readonly Forwarder _upstream;
    private readonly Resolver _resolver;
    private readonly StreamServer _streams;
    private readonly ResolverKeeper? _resolvers;
    private readonly ClusterKeeper _cluster;
    private readonly RingKeeper _ring;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _background = [];
    private Reconciler? _reconciler;
    private NodeState? _loaded;
    private IntentActor? _actor;
    private WebApplication? _api;
    private bool _isDisposed;

    public Daemon(
        DaemonOptions options, DaemonPorts ports, TimeProvider time, ILogger logger, Action<ILoggingBuilder> logging, SystemdNotifier systemd)
    {
        _options = options;
        _paths = new NodePaths(options.StateDirectory, options.RunDirectory) { ResolvConf = options.ResolvConf };
        _ports = ports;
        _kernel = new CountingKernel(ports.Kernel);
        _time = time;
        _logger = logger;
        _logging = logging;
        _systemd = systemd;
        _events = new EventLog(time);
        _forwarder = new PortForwarder(new ForwarderOptions(), time, Admits, logger);
        _keeper = new PortKeeper(ports.HostPorts, _forwarder, _events);
        _listener = new ReconcilerListener(_events, logger, time) { IsAwaited = _keeper.IsChanged };
        var news = new ClusterNews(_events, logger);
        _cluster = new ClusterKeeper(options, new ClusterFile(options.StateDirectory), ports.Host, news, time, logger);
        _ring = new RingKeeper(options.ClusterPool, new RingFile(options.StateDirectory), _cluster, news, time);
        news.Heard = _ring.Hear;
        _files = new SandboxFiles(_paths.SandboxDirectory, _paths.ResolvConf);
        _upstream = new Forwarder(new ForwardingOptions(), time, RandomNumberGenerator.Fill);
        var upstreams = new UpstreamDirectory(
            _paths.ResolvConf, ports.Listeners, id => Known?.Sandboxes.GetValueOrDefault(id)?.Record.Namespace, FollowHostFile, time);
        _resolver = new Resolver(() => Known?.Names ?? NameSnapshot.Empty, upstreams.For, _upstream, time);
        _streams = new StreamServer(_resolver, new StreamLimits(), time);
        _resolvers = options.HasResolvers && ports.Listeners is { } listeners ? new ResolverKeeper(listeners, _resolver, _streams, SandboxOf, upstreams, _files, logger) : null;
    }

    /// <summary>Runs until cancelled, or until one of the daemon's own promises breaks.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var controller = await AdoptAsync(cancellationToken);
        await _cluster.StartAsync(cancellationToken);
        await ServeAsync(controller, cancellationToken);
        _background.Add(_cluster.RunAsync(_stopping.Token));
        _background.Add(_ring.RunAsync(_stopping.Token));
        _background.Add(new OwnerWatcher(controller, _ports.Namespaces, _time, _logger).RunAsync(_stopping.Token));
        _background.Add(_systemd.PetAsync(() => _reconciler!.PendingAsync(), _time, _stopping.Token)); // adopted above
        _systemd.Ready();
        Log.Ready(
            _logger, VersionText, _paths.Socket, controller.State.MadeNetworks, controller.State.Endpoints.Count, controller.State.Node.InstanceId);
        await UntilStoppedAsync(cancellationToken);
        _systemd.Stopping();
        Log.Stopping(_logger);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return; // a purge has ended it already, before it took the state away
        }

        _isDisposed = true;
        await _stopping.CancelAsync();
        _events.Close();
        if (_api is not null)
        {
            await _api.StopAsync();
            await _api.DisposeAsync();
        }

        if (_actor is not null)
        {
            await _actor.DisposeAsync();
        }

        if (_reconciler is not null)
        {
            await _reconciler.DisposeAsync();
        }

        if (_resolvers is not null)
        {
            await _resolvers.DisposeAsync();
        }

        await _streams.DisposeAsync();
        await _upstream.DisposeAsync();
        await _keeper.DisposeAsync();
        await _forwarder.DisposeAsync();

        foreach (var task in _background)
        {
            await Task.WhenAny(task); // its failure has ended RunAsync already
        }

        await _cluster.DisposeAsync();
        _listener.Dispose();
        _stopping.Dispose();
    }

    private bool Admits(PortExposure exposure, IPAddress client, IPEndPoint target) =>
        _actor is { } actor && ForwarderGate.Admits(actor.State, exposure, client, target, HostAddress.IsOwn, HostZone.NameOf);

    // Whoever asks before the actor is there is answered from what was loaded.
    private NodeState? Known => _actor?.State ?? _loaded;

    private SandboxId SandboxOf(NetNs ns) => Known?.SandboxNamespaces.GetValueOrDefault(ns) ?? default;

    private void FollowHostFile()
    {
        if (Known is { } state)
        {
            _resolvers?.WriteFiles(state);
        }
    }

    private static string VersionText => typeof(Daemon).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    private async Task<NetworkController> AdoptAsync(CancellationToken cancellationToken)
    {
        var bootId = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", cancellationToken)).Trim();
        var ids = new RandomIdSource();
        var loader = new StateLoader(_ports.Store, _ports.Namespaces, ids, bootId, AddressRules.Of(_options), _time.GetUtcNow());
        var state = await loader.LoadAsync(cancellationToken);
        if (loader.Owed is { } owed)
        {
            Log.LossUnstored(_logger, owed.Reason);
        }

        state = await WithOthersAsync(state, cancellationToken);
        Log.FirewallChosen(_logger, state.Firewall.Word, state.Firewall.Reason);
        await RemoveStrayNamespacesAsync(state);
        _files.RemoveStrays(state.Sandboxes.Keys);
        _loaded = NameComposer.Complete(state); // whoever asks before the actor is there is answered from it
        state = await WithResolversAsync(_loaded);
        _resolvers?.WriteFiles(state);
        _ports.Listeners?.ForgetRest();
        _reconciler = new Reconciler(
            _kernel, _time, new ReconcilerOptions { OwnerTag = state.OwnerTag, FullCheckEvery = _options.FullCheckEvery }, _listener);
        _reconciler.Start();
        _actor = new IntentActor(state, _ports.Store, _reconciler, _resolvers is null ? null : _resolvers.Follow, loader.Owed?.Change);
        var controller = new NetworkController(
            _actor,
            _reconciler,
            _ports.Namespaces,
            _ports.Host,
            _ports.Features,
            new PortClerk(_ports.HostPorts, _options.DefaultExposure, () => _keeper.SocketsLeft),
            _keeper,
            _resolvers,
            _resolver,
            _events,
            ids,
            _time,
            _paths,
            bootId);
        foreach (var endpoint in state.Endpoints.Values.Where(static e => !e.Ports.IsEmpty))
        {
            _keeper.Restore(endpoint);
        }

        await ResumeAsync(_reconciler, state);
        _background.Add(HandleSettledAsync(controller));
        _background.Add(new ForeignChainWatcher(_ports.Features, _ports.Host, _actor, _listener, _time, _logger).RunAsync(_stopping.Token));
        return controller;
    }

    // What our firewall is, and what others have beside it.
    private async Task<NodeState> WithOthersAsync(NodeState state, CancellationToken cancellationToken)
    {
        var firewall = await ChooseFirewallAsync(cancellationToken);
        var others = await ForeignForwarding.ReadAsync(_ports.Features, _ports.Host, firewall, _options.AsksForeignChains, cancellationToken);
        return state with
        {
            AdmissionMark = _options.AdmissionMark,
            Firewall = firewall,
            AsksForeignChains = _options.AsksForeignChains,
            ForeignChains = others.Chains,
            ForeignLinks = others.Links,
        };
    }

    private async Task<FirewallChoice> ChooseFirewallAsync(CancellationToken cancellationToken) =>
        FirewallChooser.Choose(_options.Firewall, await _ports.Features.FirewallAsync(_options.Firewall == FirewallWish.Iptables, cancellationToken), out var problem)
        ?? throw new KernelException(problem!); // one of the two is given

    private static bool HasInterface(NodeState state, EndpointId endpoint) =>
        !state.Networks[state.Endpoints[endpoint].NetworkId].Traits.IsPredefined;

    private async Task<NodeState> WithResolversAsync(NodeState state)
    {
        foreach (var sandbox in state.Sandboxes.Values.Where(s => !s.Record.IsRemoving && s.Endpoints.Any(e => HasInterface(state, e))))
        {
            var resolver = _resolvers is null ? null : await _resolvers.EnsureAsync(sandbox.Record);
            state = state with { Sandboxes = state.Sandboxes.SetItem(sandbox.Record.Id, sandbox with { Resolver = resolver }) };
        }

        return state;
    }

    // What an earlier run had begun to take back is taken up again: its values are put back where they were changed.
    private static Task ResumeAsync(Reconciler reconciler, NodeState state)
    {
        var asBefore = AsBeforeRemoval(state);
        var changes = ScopeComposer.Changes(asBefore, ScopeComposer.Everything(asBefore));
        if (!ReferenceEquals(asBefore, state))
        {
            // In one step, so that nobody sees the node settled while a value is still owed. What is given up before the
            // first reading is put back once that reading has found it.
            changes = changes.AddRange(ScopeComposer.Changes(
                state, new Touched { Node = true, Sandboxes = [.. state.Sandboxes.Values.Where(static s => s.Record.IsRemoving).Select(static s => s.Record.Id)] }));
        }

        return reconciler.SetAsync(changes, observeFirst: true);
    }

    // A state in which everything that still has to be put back counts as desired, so that the first reading finds it.
    private static NodeState AsBeforeRemoval(NodeState state)
    {
        var removing = state.Sandboxes.Values.Where(static s => s.Record.IsRemoving).ToArray();
        var originals = state.Node.OriginalSysctls;
        var isOwed4 = state.Forwarding4 == 0 && originals.ContainsKey(HostSysctls.Forwarding4);
        var isOwed6 = state.Forwarding6 == 0 && originals.ContainsKey(HostSysctls.Forwarding6);
        var isOwed = HostSysctls.OwedTo(state);
        if (removing.Length == 0 && !isOwed4 && !isOwed6 && isOwed.IsEmpty)
        {
            return state;
        }

        return state with
        {
            Forwarding4 = isOwed4 ? 1 : state.Forwarding4,
            Forwarding6 = isOwed6 ? 1 : state.Forwarding6,
            OwedAtStart = isOwed,
            Sandboxes = state.Sandboxes.SetItems(removing.Select(static s => KeyValuePair.Create(
                s.Record.Id, s with { Record = s.Record with { IsRemoving = false } }))),
        };
    }

    // A namespace whose sandbox was never committed, or is forgotten, is nobody's.
    private async Task RemoveStrayNamespacesAsync(NodeState state)
    {
        _ = Directory.CreateDirectory(_paths.NamespaceDirectory);
        var known = state.Sandboxes.Values.Select(static s => s.Record.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(_paths.NamespaceDirectory).Where(p => !known.Contains(p)))
        {
            await _ports.Namespaces.RemoveAsync(default, path);
        }
    }

    private async Task ServeAsync(NetworkController controller, CancellationToken cancellationToken)
    {
        var metrics = new DaemonMetrics(_listener, _kernel, new NameMetrics(_resolver.Counters, _upstream, _streams, _resolvers), new ClusterMetrics(_cluster), _ports.Counters);
        var services = new DaemonServices(
            VersionText,
            (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellationToken)).Trim(),
            _time.GetUtcNow(),
            _paths,
            [.. NetworkDrivers.All.Keys],
            _events,
            metrics,
            new Doctor(_ports.Host, _ports.Features, controller.Reconciler, _cluster),
            new PortReport(_ports.Features, _keeper),
            _cluster,
            _ring,
            _time,
            _logger,
            _stopping.Token);
        if (_ports.Socket is { } inherited)
        {
            _api = new ApiServer(controller, services).Build(kestrel => kestrel.ListenHandle(inherited.Handle, ApiServer.Listen), _logging);
            await _api.StartAsync(cancellationToken);
            return;
        }

        File.Delete(_paths.Socket); // the lock on the run directory says that nobody else serves it
        _api = new ApiServer(controller, services).Build(kestrel => kestrel.ListenUnixSocket(_paths.Socket, ApiServer.Listen), _logging);
        await _api.StartAsync(cancellationToken);
        SocketAccess.Grant(_paths.Socket, _options.SocketGroup);
    }

    private async Task HandleSettledAsync(NetworkController controller)
    {
        await foreach (var settled in _listener.Settled.ReadAllAsync(_stopping.Token))
        {
            await UntilTaken.RunAsync(() => HandleSettledAsync(controller, settled), $"{settled.Scope} is settled", _time, _logger, _stopping.Token);
        }
    }

    private async Task HandleSettledAsync(NetworkController controller, SettledScope settled)
    {
        await controller.SettlePortsAsync(settled.Scope);
        await controller.ForgetOriginalsAsync(settled);
        if (controller.State.SandboxScopes.TryGetValue(settled.Scope, out var sandbox))
        {
            try
            {
                await controller.ForgetAsync(sandbox);
            }
            catch (KernelException e)
            {
                Log.NamespaceStays(_logger, e.Message);
            }
        }
    }

    private async Task UntilStoppedAsync(CancellationToken cancellationToken)
    {
        var asked = Task.Delay(Timeout.Infinite, cancellationToken);
        var ended = await Task.WhenAny([asked, _actor!.Completion, _reconciler!.Completion, .. _background.Where(static t => !t.IsCompletedSuccessfully)]); // adopted above
        if (ended != asked)
        {
            await ended; // throws what broke
        }
    }
}

using System.Collections.Immutable;
using Networking.Dns;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Events;
using Networking.Netd.Ipam;
using Networking.Netd.Ports;
using Networking.Netd.Requests;
using IHost = Networking.Kernel.IHost;

namespace Networking.Netd.Control;

/// <summary>
/// The requests of the API as methods: validate on a snapshot, claim and commit by the actor, wait for the scopes. Every
/// refusal is a <see cref="RefusedException"/> with all problems; a dry run stops before the claim and answers a plan.
/// </summary>
internal sealed partial class NetworkController(
    IntentActor actor,
    Reconciler reconciler,
    INamespaces namespaces,
    IHost host,
    IFeatureProbe features,
    PortClerk portClerk,
    PortKeeper portKeeper,
    ResolverKeeper? resolvers,
    Resolver resolver,
    EventLog events,
    IIdSource ids,
    TimeProvider time,
    NodePaths paths,
    string bootId)
{
    private readonly SandboxOpener _opener = new(namespaces, ids, time, bootId);
    private readonly SandboxGate _gate = new();
    private readonly FeatureGate _features = new(features);

    public NodeState State => actor.State;

    public Reconciler Reconciler => reconciler;

    public async Task<ChangeDocument> CreateNetworkAsync(CreateNetworkRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>(options.Malformed);
        var spec = NetworkRequestReader.Read(request, problems);
        spec = options.IsMalformed("driver") ? spec with { Driver = string.Empty } : spec;
        var facts = await ReadHostAsync(DeviceOf(spec), cancellationToken);
        var verdict = HostVerdict.Fine;
        if (NetworkDrivers.All.TryGetValue(spec.Driver, out var driver))
        {
            problems.AddRange(driver.Validate(spec).Problems);
            verdict = driver.JudgeHost(spec, facts);
            problems.AddRange(verdict.Problems);
            problems.AddRange(await _features.MissingAsync(verdict.Features, cancellationToken));
        }
        else if (!options.IsMalformed("driver"))
        {
            problems.Add(new Problem(
                "driver.unknown", "--driver", $"there is no driver '{spec.Driver}'", $"choose one of {string.Join(", ", NetworkDrivers.All.Keys)}"));
        }

        _ = problems.RemoveAll(p => p.Field == "NAME" && options.IsMalformed("name"));
        var command = new CreateNetwork(spec, facts, HostResolvers.Read(paths.ResolvConf), ids, time.GetUtcNow()) { Mistakes = Of(problems) };
        RefuseIfAny(command, command.Mistakes);
        if (options.IsDryRun)
        {
            return await DryRunAsync(command, static n => (n.Network.Id.Value, n.Network.Spec.Name), cancellationToken, n => [.. verdict.Warnings, .. n.Warnings]);
        }

        // Not given up if the client hangs up now, here and below: it could be committed, and what happened be told to nobody.
        var committed = await actor.SubmitAsync(command, CancellationToken.None);
        var (record, warnings) = (committed.Result.Network, committed.Result.Warnings);
        events.Add("network.created", record.Id.Value, record.Spec.Name, $"network {record.Spec.Name} was created with driver {record.Spec.Driver}");
        var status = await WaitAsync(committed, ScopeId.Of(record.Id), options, cancellationToken);
        return new ChangeDocument { Id = record.Id.Value, Name = record.Spec.Name, Status = status, Warnings = [.. verdict.Warnings, .. warnings, .. FirewallWarnings(spec)] };
    }

    public async Task<ChangeDocument> RemoveNetworkAsync(string reference, bool isForced, RequestOptions options, CancellationToken cancellationToken)
    {
        var command = new RemoveNetwork(reference, isForced);
        if (options.IsDryRun)
        {
            return await DryRunAsync(command, static r => (r.Network.Id.Value, r.Network.Spec.Name), cancellationToken);
        }

        var committed = await actor.SubmitAsync(command, CancellationToken.None);
        foreach (var endpoint in committed.Result.Endpoints)
        {
            TellEndpointRemoved(endpoint, committed.Result.Network.Spec.Name);
        }

        var record = committed.Result.Network;
        events.Add("network.removed", record.Id.Value, record.Spec.Name, $"network {record.Spec.Name} was removed");
        var status = await WaitAsync(committed, ScopeId.Of(record.Id), options, cancellationToken);
        await ReleasePortsAsync(committed.Result.Endpoints);
        return new ChangeDocument { Id = record.Id.Value, Name = record.Spec.Name, Status = status };
    }

    public async Task<PruneDocument> PruneAsync(RequestOptions options, CancellationToken cancellationToken)
    {
        var removed = ImmutableArray.CreateBuilder<string>();
        foreach (var network in State.Networks.Values.Where(static n => n.EndpointNames.IsEmpty && !n.Traits.IsPredefined).OrderBy(static n => n.Name, StringComparer.Ordinal))
        {
            try
            {
                if (!options.IsDryRun)
                {
                    _ = await RemoveNetworkAsync(network.Record.Id.Value, isForced: false, options, cancellationToken);
                }

                removed.Add(network.Name);
            }
            catch (RefusedException e) when (e.Refusal.Problems[0].Code is "network.in-use" or "network.unknown")
            {
                // Somebody connected to it, or removed it, since the snapshot: then it is not ours to prune.
            }
            catch (RefusedException e) when (removed.Count > 0)
            {
                var first = e.Refusal.Problems[0];
                throw new RefusedException(Refusal.Of(
                    e.Refusal.HttpStatus, first.Code, first.Field, $"{first.Message} (network {network.Name}; removed before it: {FirstOf.Text(removed, removed.Count)})", first.Hint));
            }
        }

        return new PruneDocument { Removed = removed.ToImmutable() };
    }

    public async Task<ChangeDocument> ConnectAsync(string network, ConnectRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        SandboxCandidate? sandbox = null;
        var ports = ClaimedPorts.None;
        Committed<EndpointRecord>? committed = null;
        try
        {
            var state = State;
            var problems = new List<Problem>(options.Malformed);
            var (entry, spec) = Read(state, network, request, problems);
            var opening = options.IsMalformed("sandbox")
                ? Task.FromResult<SandboxCandidate?>(null)
                : EnterAsync(request.Sandbox, entry?.Traits.Sandbox == SandboxRule.Host, problems, cancellationToken);
            if (opening.IsCompleted)
            {
                // Nothing had to be opened, so this is still the thread that reads the socket; what follows may wait for the disk.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }

            sandbox = await opening;
            if (entry is null)
            {
                throw new RefusedException(Refusal.Wrong(problems)); // what else could be had depends on the network
            }

            var taken = new List<Problem>();
            ports = await ClaimPortsAsync(state, entry, spec, taken, cancellationToken);
            var command = new Connect(network, sandbox, entry.Traits.PortsAreDiscarded is null ? spec : spec with { Publish = [] }, ports.Grants, bootId, ids, time.GetUtcNow())
            {
                Mistakes = Of(problems, taken),
            };
            RefuseIfAny(command, command.Mistakes);
            sandbox = sandbox! with { Resolver = await ResolverAsync(entry, sandbox.Record) }; // without one, there was a mistake
            command = command with { Sandbox = sandbox };
            if (options.IsDryRun)
            {
                return await DryRunAsync(command, static e => (e.Id.Value, e.Name), cancellationToken, _ => ports.Warnings);
            }

            // Not given up if the client hangs up now: it could be committed, and its ports be given back.
            committed = await actor.SubmitAsync(command, CancellationToken.None);
        }
        finally
        {
            if (committed is null)
            {
                ports.GiveBack(); // refused, or only planned
            }

            if (sandbox is not null)
            {
                _gate.Leave(sandbox.Record.Namespace);
                await ReleaseUnusedAsync(sandbox.Record);
            }
        }

        var endpoint = committed.Result;
        await KeepPortsAsync(endpoint, ports.Reservations); // first: what follows may fail with the store
        events.Add("endpoint.created", endpoint.Id.Value, endpoint.Name, $"{State.Sandboxes.GetValueOrDefault(endpoint.SandboxId)?.Record.Name} was connected{(endpoint.Interface.Length == 0 ? string.Empty : $" as {endpoint.Interface}")} to network {State.Networks.GetValueOrDefault(endpoint.NetworkId)?.Name}");
        await KeepResolverAsync(sandbox!, endpoint); // committed with one
        await ForgetUnknownAsync(endpoint.SandboxId);
        var status = await WaitAsync(committed, ScopeId.Of(endpoint.Id), options, cancellationToken);
        return new ChangeDocument
        {
            Id = endpoint.Id.Value,
            Name = endpoint.Name,
            Status = status,
            Endpoint = Documents.Endpoint(State, endpoint, status ?? Documents.Status(reconciler, ScopeId.Of(endpoint.Id), time)),
            Warnings = [.. ports.Warnings, .. WarningsOf(endpoint.NetworkId), .. Documents.Advice(endpoint, status) is { } advice ? [advice] : ImmutableArray<string>.Empty],
        };
    }

    // The network, null if there is none, and what is asked of it.
    private static (NetworkEntry? Network, EndpointSpec Spec) Read(NodeState state, string network, ConnectRequest request, List<Problem> problems)
    {
        var spec = EndpointRequestReader.Read(request, problems);
        problems.AddRange(HostSysctls.Unknown(spec));
        var entry = Lookup.Network(state, network, out var refusal);
        problems.AddRange(entry is null ? refusal!.Problems : NetworkDrivers.Of(entry.Record.Spec).Validate(entry.Record.Spec, spec).Problems); // not found always says why
        return (entry, spec);
    }

    public async Task<ChangeDocument> DisconnectAsync(string network, DisconnectRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        var ns = await IdentifyAsync(State, request.Sandbox, cancellationToken);
        var command = new Disconnect(network, request.Sandbox, ns, time.GetUtcNow());
        if (options.IsDryRun)
        {
            return await DryRunAsync(command, static e => (e.Id.Value, e.Name), cancellationToken);
        }

        var committed = await actor.SubmitAsync(command, CancellationToken.None);
        var record = committed.Result;
        TellEndpointRemoved(record, State.Networks.GetValueOrDefault(record.NetworkId)?.Name);
        var status = await WaitAsync(committed, ScopeId.Of(record.Id), options, cancellationToken);
        await ReleasePortsAsync([record]);
        return new ChangeDocument { Id = record.Id.Value, Name = record.Name, Status = status };
    }

    // An endpoint is made though no packet passes yet.
    private IEnumerable<string> WarningsOf(NetworkId id) =>
        State.Networks.TryGetValue(id, out var network) && Documents.ParentStatus(network, reconciler, time) is { Reason: { } reason }
            ? [$"network {network.Name}: {reason}"]
            : [];

    // On the host's own network a sandbox has the host's resolver, on none it reaches nobody to ask.
    private async Task<System.Net.IPEndPoint?> ResolverAsync(NetworkEntry network, SandboxRecord sandbox) =>
        resolvers is null || network.Traits.IsPredefined ? null : await resolvers.EnsureAsync(sandbox);

    // A request beside this one may have taken away the last endpoint, and with it the sockets, before this one's was there; or
    // they could not be opened at first, and may be now.
    private async Task KeepResolverAsync(SandboxCandidate sandbox, EndpointRecord endpoint)
    {
        if (resolvers is null || State.Networks.GetValueOrDefault(endpoint.NetworkId) is null or { Traits.IsPredefined: true })
        {
            return;
        }

        if (await resolvers.EnsureAsync(sandbox.Record) is var now && !Equals(now, sandbox.Resolver))
        {
            _ = await actor.SubmitAsync(new SetResolver(sandbox.Record.Namespace, now), CancellationToken.None);
        }

        await ReleaseUnusedAsync(sandbox.Record); // or it has taken this one's endpoint away, and what was opened now is nobody's
    }

    // The resolver of a sandbox that is on no network and the way to it, if nobody needs them: opened for a request that was refused, or
    // only planned, or whose endpoint another has taken away by now.
    private Task ReleaseUnusedAsync(SandboxRecord sandbox)
    {
        var state = State;
        if (state.Names.Sandbox(state.SandboxNamespaces.GetValueOrDefault(sandbox.Namespace)) is null)
        {
            resolvers?.Release(sandbox.Namespace);
        }

        if (sandbox.Owner != SandboxOwner.Daemon)
        {
            return state.SandboxNamespaces.ContainsKey(sandbox.Namespace) ? Task.CompletedTask : ForgetWayAsync(sandbox.Namespace);
        }

        if (!state.Sandboxes.ContainsKey(sandbox.Id))
        {
            resolvers?.Forget(sandbox.Id);
        }

        return Task.CompletedTask;
    }

    private static string? DeviceOf(NetworkSpec spec) =>
        NetworkDrivers.All.ContainsKey(spec.Driver) ? NetworkDrivers.TraitsOf(NetworkDrivers.Readable(spec)).DeviceName : null;

    // With the values of a device that may be adopted. What is changed now is told as it was before: it may be put back, and that
    // forgotten, while a command with these facts is on its way.
    private async Task<HostFacts> ReadHostAsync(string? device, CancellationToken cancellationToken)
    {
        var originals = State.Node.OriginalSysctls;
        ImmutableArray<string> sysctls = device is null ? HostSysctls.OfHost : [.. HostSysctls.OfHost, LinkSysctls.RouteLocalnetOf(device)];
        var facts = await host.ReadAsync(sysctls, cancellationToken);
        facts = facts.RouterAdvertisementLinks.IsEmpty
            ? facts
            : await host.ReadAsync([.. sysctls, .. facts.RouterAdvertisementLinks.Select(HostSysctls.AdvertisementOf)], cancellationToken);
        return originals.IsEmpty ? facts : facts with { Sysctls = facts.Sysctls.SetItems(originals) };
    }

    private void TellEndpointRemoved(EndpointRecord endpoint, string? network) =>
        events.Add("endpoint.removed", endpoint.Id.Value, endpoint.Name, $"endpoint {endpoint.Name} left network {network}");

    private static void ThrowIfAny(List<Problem> problems)
    {
        if (problems.Count > 0)
        {
            throw new RefusedException(Refusal.Wrong(problems));
        }
    }

    private static Mistakes Of(List<Problem> own, List<Problem>? others = null) =>
        own.Count == 0 && others is null or { Count: 0 } ? Mistakes.None : new Mistakes([.. own], [.. others ?? []]);

    // With mistakes its claims are tried on what is granted now, and only told.
    private void RefuseIfAny<T>(IIntentCommand<T> command, Mistakes mistakes)
    {
        if (!mistakes.IsEmpty)
        {
            throw new RefusedException(command.Decide(State).Refusal!); // with mistakes nothing is granted
        }
    }

    private async Task<ChangeDocument> DryRunAsync<T>(
        IIntentCommand<T> command,
        Func<T, (string Id, string Name)> name,
        CancellationToken cancellationToken,
        Func<T, ImmutableArray<string>>? warnings = null)
    {
        var decision = command.Decide(State);
        if (decision.Refusal is { } refusal)
        {
            throw new RefusedException(refusal);
        }

        var plans = await reconciler.PlanAsync(ScopeComposer.Changes(decision.Next!, decision.Touched)).WaitAsync(cancellationToken); // granted
        var (id, label) = name(decision.Result!);
        return new ChangeDocument { Id = id, Name = label, Plan = Documents.Plan(plans, withLooks: false), Warnings = warnings?.Invoke(decision.Result!) ?? [] }; // granted
    }

    // Waits for all touched scopes, and reports the one the request is about. Not done by then is not an error: it says why.
    private async Task<StatusDocument?> WaitAsync<T>(
        Committed<T> committed, ScopeId about, RequestOptions options, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Timeout);
        try
        {
            var scopes = about == ScopeId.Node ? committed.Scopes.Insert(0, about) : committed.Scopes;
            await reconciler.WaitAsync(scopes, committed.Revision, deadline.Token, continuesInLoop: true); // an answer is written, no more
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The deadline: the status below tells what it waits for.
        }

        var late = committed.Scopes.Where(s => reconciler.Statuses.TryGetValue(s, out var status) && !status.IsDone).ToArray();
        if (late.Length > 0)
        {
            return Documents.Status(reconciler, late.Contains(about) ? about : late[0], time);
        }

        return reconciler.Statuses.ContainsKey(about) ? Documents.Status(reconciler, about, time) : null;
    }
}

/// <summary>How a request is to be served.</summary>
/// <param name="IsDryRun">Plan, change nothing.</param>
/// <param name="Timeout">How long to wait for the kernel before answering pending.</param>
internal sealed record RequestOptions(bool IsDryRun, TimeSpan Timeout)
{
    /// <summary>What of it could not even be read; it is told with what else is wrong.</summary>
    public ImmutableArray<Problem> Malformed { get; init; } = [];

    /// <summary>Whether a field is one of those: what it asks for is not known, and not judged.</summary>
    public bool IsMalformed(string field) => Malformed.Any(p => p.Field == field);
}

/// <summary>Where things are on this node.</summary>
internal sealed record NodePaths(string StateDirectory, string RunDirectory)
{
    public string Socket => Path.Combine(RunDirectory, "netd.sock");

    public string NamespaceDirectory => Path.Combine(RunDirectory, "netns");

    public string SandboxDirectory => Path.Combine(RunDirectory, "sandboxes");

    /// <summary>The host's own resolver file.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";
}

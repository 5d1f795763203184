using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Control;

/// <summary>Sandboxes: those kept by the daemon, and the end of all.</summary>
internal sealed partial class NetworkController
{
    public async Task<ChangeDocument> CreateSandboxAsync(CreateSandboxRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>();
        ObjectName.Check(request.Name, "sandbox", problems);
        ThrowIfAny(problems);
        if (Control.CreateSandbox.CheckName(State, request.Name) is { } taken)
        {
            throw new RefusedException(taken);
        }

        var id = new SandboxId(ids.NewId());
        var path = Path.Combine(paths.NamespaceDirectory, id.Short);
        if (options.IsDryRun)
        {
            return PlanOfCreation(id, request.Name, path);
        }

        var identity = await namespaces.CreateAsync(path, HostSysctls.OfSandbox, cancellationToken);
        var record = new SandboxRecord
        {
            Id = id,
            Name = request.Name,
            Owner = SandboxOwner.Daemon,
            Path = path,
            Namespace = identity.Namespace,
            BootId = bootId,
            OriginalSysctls = HostSysctls.OfOwn(identity.Sysctls),
            Created = time.GetUtcNow(),
        };
        try
        {
            var committed = await actor.SubmitAsync(new CreateSandbox(record), CancellationToken.None); // the namespace is there: it must be granted or removed
            events.Add("sandbox.created", id.Value, record.Name, $"sandbox {record.Name} was created");
            var status = await WaitAsync(committed, ScopeId.Of(id), options, cancellationToken);
            return new ChangeDocument { Id = id.Value, Name = record.Name, Status = status };
        }
        catch (RefusedException)
        {
            await namespaces.RemoveAsync(identity.Namespace, path);
            throw;
        }
    }

    public async Task<ChangeDocument> RemoveSandboxAsync(string reference, bool isForced, RequestOptions options, CancellationToken cancellationToken)
    {
        var command = new RemoveSandbox(reference, isForced, time.GetUtcNow());
        if (options.IsDryRun)
        {
            return await PlanOfRemovalAsync(command, cancellationToken);
        }

        var committed = await actor.SubmitAsync(command, CancellationToken.None);
        foreach (var endpoint in committed.Result.Endpoints)
        {
            TellEndpointRemoved(endpoint, State.Networks.GetValueOrDefault(endpoint.NetworkId)?.Name);
        }

        var record = committed.Result.Sandbox;
        events.Add("sandbox.removed", record.Id.Value, record.Name, $"sandbox {record.Name} was removed");
        var status = await WaitAsync(committed, ScopeId.Of(record.Id), options, cancellationToken);
        await ReleasePortsAsync(committed.Result.Endpoints);
        if (status is null)
        {
            await ForgetAsync(record.Id);
        }

        return new ChangeDocument { Id = record.Id.Value, Name = record.Name, Status = status };
    }

    // The namespace has no cookie before it is made, so its plan cannot be asked of the reconciler.
    private ChangeDocument PlanOfCreation(SandboxId id, string name, string path)
    {
        var unborn = new NetNs(ulong.MaxValue);
        var record = new SandboxRecord
        {
            Id = id,
            Name = name,
            Owner = SandboxOwner.Daemon,
            Path = path,
            Namespace = unborn,
            BootId = bootId,
            Created = time.GetUtcNow(),
        };
        var state = Control.CreateSandbox.Restore(State, record, []);
        var desired = ScopeComposer.Changes(state, new Touched { Sandboxes = [id] }).Single().Desired!; // it is not being removed
        var inside = Documents.Plan([new ScopePlan(ScopeId.Of(id), KernelPlan.Between(KernelState.Empty, desired))]);
        return new ChangeDocument
        {
            Id = id.Value,
            Name = name,
            Plan = new PlanDocument
            {
                Steps =
                [
                    NamespaceStep("create", '+', record),
                    .. inside.Steps.Select(s => s with { Namespace = "netns:new", Text = s.Text.Replace(unborn.ToString(), "netns:new", StringComparison.Ordinal) }),
                ],
            },
        };
    }

    private async Task<ChangeDocument> PlanOfRemovalAsync(RemoveSandbox command, CancellationToken cancellationToken)
    {
        SandboxRecord? removed = null;
        var change = await DryRunAsync(
            command,
            r =>
            {
                removed = r.Sandbox;
                return (r.Sandbox.Id.Value, r.Sandbox.Name);
            },
            cancellationToken);
        return removed is { Owner: SandboxOwner.Daemon }
            ? change with { Plan = change.Plan! with { Steps = [.. change.Plan.Steps, NamespaceStep("delete", '-', removed)] } } // a dry run has a plan
            : change;
    }

    private static PlanStepDocument NamespaceStep(string verb, char sign, SandboxRecord sandbox) => new()
    {
        Verb = verb,
        Kind = "namespace",
        Object = sandbox.Path,
        Namespace = "host",
        Scope = ScopeId.Of(sandbox.Id).Value,
        Text = $"{sign} namespace {sandbox.Path} [host]",
    };

    /// <summary>The owner of a sandbox is gone: its endpoints are taken away, whatever its namespace still is.</summary>
    public async Task OwnerGoneAsync(SandboxId id)
    {
        if (!State.Sandboxes.TryGetValue(id, out var sandbox) || sandbox.Record.IsRemoving)
        {
            return;
        }

        if (await IsStillThereAsync(sandbox.Record))
        {
            return;
        }

        // Our own sockets inside would keep the namespace, and with it the addresses, alive.
        await _gate.TryForgetAsync(sandbox.Record.Namespace, () => namespaces.ForgetAsync(sandbox.Record.Namespace));
        try
        {
            var committed = await actor.SubmitAsync(new RemoveSandbox(id.Value, IsForced: true, time.GetUtcNow()), CancellationToken.None);
            foreach (var endpoint in committed.Result.Endpoints)
            {
                TellEndpointRemoved(endpoint, State.Networks.GetValueOrDefault(endpoint.NetworkId)?.Name);
            }

            events.Add("sandbox.gone", id.Value, sandbox.Record.Name, $"the owner of sandbox {sandbox.Record.Name} is gone; {committed.Result.Endpoints.Length} endpoints were taken away");
        }
        catch (RefusedException e) when (e.Refusal.HttpStatus == 404)
        {
            // Somebody else removed it meanwhile.
        }
    }

    /// <summary>The scope of a sandbox is gone: forget the record, and for one of ours the namespace itself.</summary>
    public async Task ForgetAsync(SandboxId id)
    {
        var forgotten = (await actor.SubmitAsync(new ForgetSandbox(id), CancellationToken.None)).Result;
        if (forgotten is { Owner: SandboxOwner.Daemon })
        {
            resolvers?.Forget(forgotten.Id);
            await namespaces.RemoveAsync(forgotten.Namespace, forgotten.Path);
        }
        else if (forgotten is not null)
        {
            await ForgetWayAsync(forgotten.Namespace);
        }
    }

    // A request beside this one took the sandbox away in the same commit: the reconciler never knew its scope, and tells nobody
    // that it is gone.
    private async Task ForgetUnknownAsync(SandboxId id)
    {
        if (State.Sandboxes.GetValueOrDefault(id) is not { Record.IsRemoving: true })
        {
            return;
        }

        var scope = ScopeId.Of(id);
        _ = await reconciler.DesiredAsync(scope); // answered after what was handed over before
        if (!reconciler.Statuses.ContainsKey(scope))
        {
            await ForgetAsync(id);
        }
    }

    // Opens the way to a namespace again, if it still leads there: it may have been closed behind a request.
    private async Task<bool> IsStillThereAsync(SandboxRecord record)
    {
        if (!ProcessOwner.IsAlive(record))
        {
            return false;
        }

        try
        {
            var found = (await namespaces.OpenAsync(record.Path, [], CancellationToken.None)).Namespace;
            if (found != record.Namespace)
            {
                await ForgetWayAsync(found);
            }

            return found == record.Namespace;
        }
        catch (KernelException)
        {
            return false; // nothing is there any more
        }
    }

    // The namespace that a request is about, if it is that of a sandbox or not: one that was only looked at is not kept open,
    // for that would keep it alive after its owner has gone.
    private async Task<NetNs?> IdentifyAsync(NodeState state, string text, CancellationToken cancellationToken)
    {
        var found = await _opener.IdentifyAsync(state, text, cancellationToken);
        if (found is { IsHost: false } ns)
        {
            await ForgetWayAsync(ns);
        }

        return found;
    }

    // The sandbox of a request that keeps the way to its namespace until it leaves the gate. Whoever else had looked at the
    // namespace may have forgotten the way before: then it is opened again.
    private async Task<SandboxCandidate?> EnterAsync(string text, bool isHosts, List<Problem> problems, CancellationToken cancellationToken)
    {
        for (var isAgain = false; ; isAgain = true)
        {
            if (await _opener.OpenAsync(State, text, isHosts, problems, cancellationToken) is not { } sandbox)
            {
                return null;
            }

            var ns = sandbox.Record.Namespace;
            await _gate.EnterAsync(ns, CancellationToken.None); // short, and what was opened is to be closed again
            if (isAgain || namespaces.IsAlive(ns))
            {
                return sandbox;
            }

            _gate.Leave(ns);
        }
    }

    // The way to a namespace that no sandbox is in. A request that is about to put one there does it after itself.
    private Task ForgetWayAsync(NetNs ns) => State.SandboxNamespaces.ContainsKey(ns)
        ? Task.CompletedTask
        : _gate.TryForgetAsync(ns, () => State.SandboxNamespaces.ContainsKey(ns) ? Task.CompletedTask : namespaces.ForgetAsync(ns));

    /// <summary>A scope is as asked: values of the host that it has put back are forgotten.</summary>
    public Task ForgetOriginalsAsync(SettledScope settled) => settled.Scope == ScopeId.Node || State.Owed.ContainsValue(settled.Scope)
        ? actor.SubmitAsync(new ForgetOriginals(settled), CancellationToken.None)
        : Task.CompletedTask;
}

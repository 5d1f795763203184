using System.Collections.Immutable;
using System.Globalization;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Control;

/// <summary>Granted state and statuses as the API shows them.</summary>
internal static class Documents
{
    public static NetworkDocument Network(NodeState state, NetworkEntry network, Reconciler reconciler, TimeProvider time, bool withEndpoints)
    {
        var record = network.Record;
        return new NetworkDocument
        {
            Id = record.Id.Value,
            Name = record.Spec.Name,
            Driver = record.Spec.Driver,
            Internal = record.Spec.Internal,
            Ipv4 = Subnet(record.Ipv4),
            Ipv6 = Subnet(record.Ipv6),
            MoreSubnets = [.. record.MoreSubnets.Select(Subnet).OfType<SubnetDocument>()],
            Device = record.LinkName,
            IpamOptions = record.Spec.IpamOptions,
            Options = record.Spec.Options,
            Dns = [.. record.Spec.Dns.Servers.Select(static a => a.ToString())],
            DnsSearch = record.Spec.Dns.Search,
            DnsOptions = record.Spec.Dns.Options,
            Labels = record.Spec.Labels,
            Created = record.Created,
            Status = Status(network, reconciler, time),
            EndpointCount = network.EndpointNames.Count,
            Endpoints = withEndpoints
                ? [.. network.EndpointNames.Values.Select(id => state.Endpoints[id]).OrderBy(static e => e.Name, StringComparer.Ordinal).Select(e => Endpoint(state, e, Status(reconciler, ScopeId.Of(e.Id), time)))]
                : [],
        };
    }

    public static SandboxDocument Sandbox(NodeState state, SandboxEntry sandbox, Reconciler reconciler, TimeProvider time) => new()
    {
        Id = sandbox.Record.Id.Value,
        Name = sandbox.Record.Name,
        Owner = sandbox.Record.Owner switch
        {
            SandboxOwner.Daemon => "daemon",
            SandboxOwner.Path => "path",
            _ => "process",
        },
        Path = sandbox.Record.Path,
        ProcessId = sandbox.Record.ProcessId,
        Cookie = sandbox.Record.Namespace.Cookie.ToString(CultureInfo.InvariantCulture),
        Created = sandbox.Record.Created,
        Status = Status(state, sandbox, reconciler, time),
        Endpoints = [.. sandbox.Endpoints.Select(id => state.Endpoints[id]).Select(e => Endpoint(state, e, Status(reconciler, ScopeId.Of(e.Id), time)))],
    };

    public static EndpointDocument Endpoint(NodeState state, EndpointRecord endpoint, StatusDocument status) => new()
    {
        Id = endpoint.Id.Value,
        Name = endpoint.Name,
        Network = state.Networks.GetValueOrDefault(endpoint.NetworkId)?.Name ?? endpoint.NetworkId.Short,
        NetworkId = endpoint.NetworkId.Value,
        Sandbox = state.Sandboxes.GetValueOrDefault(endpoint.SandboxId)?.Record.Name ?? endpoint.SandboxId.Short,
        SandboxId = endpoint.SandboxId.Value,
        Interface = endpoint.Interface,
        HostInterface = endpoint.HostInterface,
        Mac = endpoint.Interface.Length == 0 ? string.Empty : endpoint.Mac.ToString(),
        Ipv4 = endpoint.Ipv4?.ToString(),
        Ipv6 = endpoint.Ipv6?.ToString(),
        GatewayPriority = endpoint.Spec.GatewayPriority,
        Aliases = endpoint.Spec.Aliases,
        Service = endpoint.Spec.Service,
        Hostname = endpoint.Spec.Hostname,
        Links = [.. endpoint.Spec.Links.Select(static l => $"{l.Value}:{l.Key}")],
        Dns = [.. endpoint.Spec.Dns.Servers.Select(static a => a.ToString())],
        DnsSearch = endpoint.Spec.Dns.Search,
        DnsOptions = endpoint.Spec.Dns.Options,
        Ports = [.. endpoint.Ports.Select(PortDocuments.Of)],
        Created = endpoint.Created,
        Status = status,
    };

    /// <summary>A network's status: what is wrong with the interface that it stands on is wrong with it too.</summary>
    public static StatusDocument Status(NetworkEntry network, Reconciler reconciler, TimeProvider time)
    {
        var own = Status(reconciler, ScopeId.Of(network.Record.Id), time);
        return own.State != "done" ? own : ParentStatus(network, reconciler, time) ?? own;
    }

    /// <summary>A sandbox's status: what is wrong with an endpoint of it is wrong with it too.</summary>
    public static StatusDocument Status(NodeState state, SandboxEntry sandbox, Reconciler reconciler, TimeProvider time)
    {
        var own = Status(reconciler, ScopeId.Of(sandbox.Record.Id), time);
        return own.State != "done" ? own : sandbox.Endpoints
            .Select(id => (Record: state.Endpoints[id], Status: Status(reconciler, ScopeId.Of(id), time)))
            .Where(static e => e.Status.State != "done")
            .Select(e => e.Status with { Reason = $"{Place(state, e.Record)}: {e.Status.Reason}" })
            .FirstOrDefault() ?? own;
    }

    /// <summary>Where an endpoint is: <c>interface eth0 of sandbox web on network app</c>.</summary>
    public static string Place(NodeState state, EndpointRecord endpoint) =>
        $"{(endpoint.Interface.Length == 0 ? "a note" : $"interface {endpoint.Interface}")} of sandbox {state.Sandboxes[endpoint.SandboxId].Record.Name} on network {state.Networks[endpoint.NetworkId].Name}";

    /// <summary>
    /// What to do about an endpoint whose interface cannot be made: a name is free as of the sandbox's first endpoint, and others may
    /// have taken it since. Null if that is not it.
    /// </summary>
    public static string? Advice(EndpointRecord endpoint, StatusDocument? status) =>
        endpoint.Interface.Length > 0 && status?.Reason?.Contains("(EEXIST)", StringComparison.Ordinal) == true
            ? $"if something else has made {endpoint.Interface} in the sandbox, disconnect, and connect again with another --ifname"
            : null;

    /// <summary>Why an interface that the network stands on is not as it shall be; null if it is, or there is none.</summary>
    public static StatusDocument? ParentStatus(NetworkEntry network, Reconciler reconciler, TimeProvider time) =>
        ParentLinks.Of(network.Record, network.Traits)
            .Select(link => Status(reconciler, ScopeId.OfParent(link), time))
            .FirstOrDefault(static s => s.State != "done");

    public static StatusDocument Status(Reconciler reconciler, ScopeId scope, TimeProvider time) =>
        reconciler.Statuses.TryGetValue(scope, out var status)
            ? new StatusDocument
            {
                State = status.Condition switch
                {
                    ScopeCondition.Done => "done",
                    ScopeCondition.Error => "error",
                    ScopeCondition.Removing => "removing",
                    _ => "pending",
                },
                Reason = status.Reason,
                Since = status.Since,
                NextTry = status.NextTry,
                Attempts = status.Attempts,
            }
            : new StatusDocument { State = "pending", Reason = "not yet taken up", Since = time.GetUtcNow() };

    /// <summary>A plan as steps.</summary>
    /// <param name="plans">By scope.</param>
    /// <param name="withLooks">
    /// Whether an interface that is only looked at is a step: it is where it is missing, not where it was never looked for.
    /// </param>
    public static PlanDocument Plan(ImmutableArray<ScopePlan> plans, bool withLooks = true) => new()
    {
        Steps =
        [
            .. plans.SelectMany(p => p.Plan.Operations
                .Where(o => (withLooks || o.Target is not LinkState { Details: ExistingLink { IsLeftAlone: true } }) && !IsLeftAsItIs(o))
                .Select(o => Step(p.Scope, o))),
            .. plans.SelectMany(static p => p.Plan.Transitions.Select(t => new PlanStepDocument
            {
                Verb = "transition",
                Kind = t is AnnounceTransition ? "announce" : "forget",
                Object = t is AnnounceTransition announce ? announce.Link : string.Empty,
                Namespace = t.Namespace.ToString(),
                Scope = p.Scope.Value,
                Text = t.ToString()!, // every transition describes itself
            })),
        ],
    };

    // An adopted device, and a value that is not put back or was the same before: only our interest in it ends. A value with its
    // own device dies with that.
    private static bool IsLeftAsItIs(KernelOperation operation) => operation is { Verb: OperationVerb.Delete, IsImplied: true }
        && (operation.Target is LinkState { Details: ExistingLink } || (operation.Target is SysctlState sysctl && (sysctl.Link is null || sysctl.Original == sysctl.Value)));

    private static PlanStepDocument Step(ScopeId scope, KernelOperation operation)
    {
        var kind = operation.Key.Kind.ToString();
        return new PlanStepDocument
        {
            Verb = operation.Verb switch
            {
                OperationVerb.Create => "create",
                OperationVerb.Change => "change",
                _ => "delete",
            },
            Kind = char.ToLowerInvariant(kind[0]) + kind[1..],
            Object = operation.Key.Name,
            Namespace = operation.Key.Namespace.ToString(),
            Scope = scope.Value,
            Text = operation.ToString(),
        };
    }

    private static SubnetDocument? Subnet(SubnetRecord? subnet) =>
        subnet is null ? null : new SubnetDocument(subnet.Prefix.ToString(), subnet.Gateway?.ToString())
        {
            Range = subnet.Range?.ToString(),
            AuxAddresses = subnet.AuxAddresses.ToImmutableSortedDictionary(static a => a.Key, static a => a.Value.ToString(), StringComparer.Ordinal),
        };
}

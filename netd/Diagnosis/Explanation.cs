using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Diagnosis;

/// <summary>Why a network, endpoint or sandbox is or is not as asked.</summary>
internal static class Explanation
{
    private const int LateToldMax = 5;

    public static async Task<ExplainDocument> OfAsync(
        NodeState state, Reconciler reconciler, string reference, TimeProvider time, CancellationToken cancellationToken)
    {
        var found = Find(state, reconciler, reference, time);
        var desired = await reconciler.DesiredAsync(found.Scope).WaitAsync(cancellationToken);
        var (differs, verdict) = await CompareAsync(reconciler, found.Scope, cancellationToken);
        return new ExplainDocument
        {
            Kind = found.Kind,
            Id = found.Id,
            Name = found.Name,
            Status = found.Status,
            Lines = [.. found.Lines, verdict, .. Late(state, found.Endpoints, reconciler, time)],
            Objects = [.. desired.Objects.Select(static o => $"{o.Describe()} [{o.Namespace}]")],
            Diff = Documents.Plan(differs),
        };
    }

    private static async Task<(ImmutableArray<ScopePlan> Differs, string Verdict)> CompareAsync(
        Reconciler reconciler, ScopeId scope, CancellationToken cancellationToken)
    {
        try
        {
            var differs = await reconciler.DiffAsync(scope).WaitAsync(cancellationToken);
            return (differs, differs.IsEmpty ? "Its kernel objects are as asked, read just now."
                : reconciler.Statuses.TryGetValue(scope, out var status) && status.Condition == ScopeCondition.Error
                    ? "The kernel differs from what was asked, and refuses it: the reason above says why; netd tries again by itself."
                : "The kernel differs from what was asked; netctl repair mends it.");
        }
        catch (KernelException e) // an explanation is wanted most when something cannot be read
        {
            var pending = await reconciler.PendingAsync().WaitAsync(cancellationToken);
            return ([.. pending.Where(p => p.Scope == scope)], $"What differs is as netd believes it to be, for it {e.Message}.");
        }
    }

    // The objects of an endpoint are its own; who asks for its network or sandbox wants to know nevertheless.
    private static IEnumerable<string> Late(
        NodeState state, IEnumerable<Model.EndpointId> endpoints, Reconciler reconciler, TimeProvider time)
    {
        var late = endpoints
            .Select(id => (Record: state.Endpoints[id], Status: Documents.Status(reconciler, ScopeId.Of(id), time)))
            .Where(static e => e.Status.State != "done")
            .OrderBy(static e => e.Record.Name, StringComparer.Ordinal)
            .ToArray();
        foreach (var (endpoint, status) in late.Take(LateToldMax))
        {
            yield return $"Not so endpoint {endpoint.Name}, {Documents.Place(state, endpoint)}: {status.State}: {status.Reason}.";
        }

        if (late.Length > LateToldMax)
        {
            yield return $"Nor {late.Length - LateToldMax} more; netctl doctor and netctl explain ENDPOINT tell.";
        }
    }

    private static Found Find(
        NodeState state, Reconciler reconciler, string reference, TimeProvider time)
    {
        if (Lookup.Network(state, reference, out var refusal) is { } network)
        {
            var record = network.Record;
            return new Found("network", record.Id.Value, network.Name, ScopeId.Of(record.Id), Documents.Status(network, reconciler, time), [.. network.EndpointNames.Values],
            [
                $"Network {network.Name} is a {record.Spec.Driver} network{Device(network)}.",
                .. record.Subnets.Select(Sentence),
                .. Reach(network),
                .. Parents(network, reconciler, time),
                network.Traits.EndpointsMax == int.MaxValue
                    ? $"{Endpoints(network)} on it."
                    : $"{Endpoints(network)} on it, of {network.Traits.EndpointsMax}, {network.Traits.EndpointsLimit}.",
            ]);
        }

        if (Lookup.Sandbox(state, reference, out var noSandbox) is { } sandbox)
        {
            var record = sandbox.Record;
            return new Found("sandbox", record.Id.Value, record.Name, ScopeId.Of(record.Id), Documents.Status(state, sandbox, reconciler, time), [.. sandbox.Endpoints],
            [
                $"Sandbox {record.Name} is the namespace at {record.Path} (cookie {record.Namespace.Cookie}).",
                record.ProcessId is { } pid ? $"It lives as long as process {pid}." : record.Owner == Model.SandboxOwner.Daemon ? "It lives until it is removed." : "It lives as long as that path leads to it.",
                .. sandbox.Endpoints.Select(e => state.Endpoints[e]).Select(e => $"{(e.Interface.Length == 0 ? "It" : e.Interface)} is on network {state.Networks[e.NetworkId].Name}: {e.Ipv4?.ToString() ?? "no IPv4"}, {e.Ipv6?.ToString() ?? "no IPv6"}."),
            ]);
        }

        if (Lookup.Endpoint(state, reference, out var noEndpoint) is { } endpoint)
        {
            var status = Documents.Status(reconciler, ScopeId.Of(endpoint.Id), time);
            return new Found("endpoint", endpoint.Id.Value, endpoint.Name, ScopeId.Of(endpoint.Id), status, [],
            [
                $"Endpoint {endpoint.Name} is {Documents.Place(state, endpoint)}.",
                Attachment(endpoint, state.Networks[endpoint.NetworkId]),
                .. endpoint.Interface.Length == 0 ? [] : new[] { $"Its addresses are {endpoint.Ipv4?.ToString() ?? "no IPv4"} and {endpoint.Ipv6?.ToString() ?? "no IPv6"}, hardware address {endpoint.Mac}." },
                .. Documents.Advice(endpoint, status) is { } advice ? [$"{char.ToUpperInvariant(advice[0])}{advice[1..]}."] : Array.Empty<string>(),
            ]);
        }

        // Not found always says why; what is there more than once is not denied.
        throw new RefusedException(
            new[] { refusal!, noSandbox!, noEndpoint! }.FirstOrDefault(static r => r.HttpStatus == 409)
            ?? Refusal.Of(404, "object.unknown", null, $"there is no network, sandbox or endpoint '{reference}'", "netctl ls and netctl sandbox ls list them"));
    }

    private static string Device(NetworkEntry network) => (network.Record, network.Traits) switch
    {
        ({ LinkName: "" }, _) => string.Empty,
        ({ AdoptsLink: true } record, { Parent: not null }) => $" on interface {record.LinkName} of the host",
        (var record, { Parent: not null }) => $" on VLAN interface {record.LinkName}, which lives as long as a network is on it",
        (var record, _) => $" on device {record.LinkName}{(record.AdoptsLink ? ", which stood there before and will stay" : string.Empty)}",
    };

    private static string Endpoints(NetworkEntry network) => network.EndpointNames.Count == 1 ? "1 endpoint is" : $"{network.EndpointNames.Count} endpoints are";

    private static IEnumerable<string> Reach(NetworkEntry network) => (network.Traits, network.Record.Spec.Internal) switch
    {
        ({ IsRoutedByHost: true }, true) => ["It is internal: nothing is forwarded into or out of it."],
        ({ IsRoutedByHost: true }, false) => ReachByHost(network.Record),
        ({ Parent: { } parent }, true) => [$"It is internal: its endpoints have no default route, and reach what is on the segment of {parent.Link}."],
        ({ Parent: { } parent }, false) => [$"Its endpoints are machines on the segment of {parent.Link}: no firewall of the host is between, and the host itself reaches them by a shim only."],
        ({ Sandbox: SandboxRule.Host }, _) => ["A sandbox on it is in the host's own namespace."],
        ({ Sandbox: SandboxRule.Alone }, _) => ["A sandbox on it has its loopback, and nothing else."],
        _ => ["Its endpoints reach each other, and nothing else."],
    };

    // A sentence for each family, or one for both where both have the same mode.
    private static IEnumerable<string> ReachByHost(Model.NetworkRecord network)
    {
        var options = BridgeOptions.Of(network.Spec);
        bool[] families = [.. network.Ipv4 is null ? [] : new[] { false }, .. network.Ipv6 is null ? [] : new[] { true }];
        return families
            .GroupBy(options.ModeOf)
            .Select(g => $"{(families.Length == g.Count() ? string.Empty : $"By {(g.First() ? "IPv6" : "IPv4")}: ")}{ReachBy(g.Key)}");
    }

    private static string ReachBy(GatewayMode mode) => mode switch
    {
        GatewayMode.Nat => "Its endpoints reach the world; from outside nothing reaches them but their published ports.",
        GatewayMode.NatUnprotected => "Its endpoints reach the world; whoever outside has a route to them reaches all of their ports.",
        GatewayMode.Routed => "Its endpoints reach the world by their own addresses; from outside whoever has a route to them reaches their published ports, and nothing else.",
        _ => "The host has no address on it: its endpoints reach each other, and nothing else.",
    };

    private static IEnumerable<string> Parents(NetworkEntry network, Reconciler reconciler, TimeProvider time) =>
        Documents.ParentStatus(network, reconciler, time) is { Reason: { } reason } ? [$"What it stands on is not as it shall be: {reason}."] : [];

    private static string Attachment(Model.EndpointRecord endpoint, NetworkEntry network) =>
        endpoint.Interface.Length == 0 ? "It has no interface of its own."
            : endpoint.HostInterface.Length > 0 ? $"Its other end is {endpoint.HostInterface}, a port of {network.Record.LinkName}."
            : $"It stands on interface {network.Record.LinkName} of the host.";

    private static string Sentence(Model.SubnetRecord subnet)
    {
        var range = subnet.Range is { } part ? $"; addresses are chosen from {part}" : string.Empty;
        var router = Equals(subnet.DefaultGateway, subnet.Gateway) ? string.Empty : $"; sandboxes route by {subnet.DefaultGateway}";
        var gateway = subnet.Gateway is null ? "it has no gateway" : $"its gateway is {subnet.Gateway}";
        return $"It owns {subnet.Prefix}; {gateway}{router}{range}.";
    }

    private sealed record Found(
        string Kind,
        string Id,
        string Name,
        ScopeId Scope,
        StatusDocument Status,
        ImmutableArray<Model.EndpointId> Endpoints,
        ImmutableArray<string> Lines);
}

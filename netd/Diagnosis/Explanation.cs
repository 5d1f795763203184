using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Diagnosis;

/// <summary>Why a network, endpoint or sandbox is or is not as asked.</summary>
internal static class Explanation
{
    public static async Task<ExplainDocument> OfAsync(
        NodeState state, Reconciler reconciler, string reference, TimeProvider time, CancellationToken cancellationToken)
    {
        var (kind, id, name, scope, lines) = Find(state, reconciler, reference, time);
        var desired = await reconciler.DesiredAsync(scope).WaitAsync(cancellationToken);
        var (differs, verdict) = await CompareAsync(reconciler, scope, cancellationToken);
        var status = Documents.Status(reconciler, scope, time);
        return new ExplainDocument
        {
            Kind = kind,
            Id = id,
            Name = name,
            Status = status,
            Lines = [.. lines, verdict],
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
            return (differs, differs.IsEmpty ? "The kernel is as asked, read just now." : "The kernel differs from what was asked; netctl repair mends it.");
        }
        catch (KernelException e) // an explanation is wanted most when something cannot be read
        {
            var pending = await reconciler.PendingAsync().WaitAsync(cancellationToken);
            return ([.. pending.Where(p => p.Scope == scope)], $"What differs is as netd believes it to be, for it {e.Message}.");
        }
    }

    private static (string Kind, string Id, string Name, ScopeId Scope, ImmutableArray<string> Lines) Find(
        NodeState state, Reconciler reconciler, string reference, TimeProvider time)
    {
        if (Lookup.Network(state, reference, out var refusal) is { } network)
        {
            var record = network.Record;
            return ("network", record.Id.Value, network.Name, ScopeId.Of(record.Id),
            [
                $"Network {network.Name} is a {record.Spec.Driver} network{Device(network)}.",
                .. record.Subnets.Select(Sentence),
                Reach(network),
                .. Parents(network, reconciler, time),
                network.Traits.EndpointsMax == int.MaxValue
                    ? $"{network.EndpointNames.Count} endpoints are on it."
                    : $"{network.EndpointNames.Count} endpoints are on it, of {network.Traits.EndpointsMax}, {network.Traits.EndpointsLimit}.",
            ]);
        }

        if (Lookup.Sandbox(state, reference, out _) is { } sandbox)
        {
            var record = sandbox.Record;
            return ("sandbox", record.Id.Value, record.Name, ScopeId.Of(record.Id),
            [
                $"Sandbox {record.Name} is the namespace at {record.Path} (cookie {record.Namespace.Cookie}).",
                record.ProcessId is { } pid ? $"It lives as long as process {pid}." : record.Owner == Model.SandboxOwner.Daemon ? "It lives until it is removed." : "It lives as long as that path leads to it.",
                .. sandbox.Endpoints.Select(e => state.Endpoints[e]).Select(e => $"{(e.Interface.Length == 0 ? "It" : e.Interface)} is on network {state.Networks[e.NetworkId].Name}: {e.Ipv4?.ToString() ?? "no IPv4"}, {e.Ipv6?.ToString() ?? "no IPv6"}."),
            ]);
        }

        if (Endpoint(state, reference) is { } endpoint)
        {
            return ("endpoint", endpoint.Id.Value, endpoint.Name, ScopeId.Of(endpoint.Id),
            [
                $"Endpoint {endpoint.Name} is {(endpoint.Interface.Length == 0 ? "a note" : $"interface {endpoint.Interface}")} of sandbox {state.Sandboxes[endpoint.SandboxId].Record.Name} on network {state.Networks[endpoint.NetworkId].Name}.",
                Attachment(endpoint, state.Networks[endpoint.NetworkId]),
                .. endpoint.Interface.Length == 0 ? [] : new[] { $"Its addresses are {endpoint.Ipv4?.ToString() ?? "no IPv4"} and {endpoint.Ipv6?.ToString() ?? "no IPv6"}, hardware address {endpoint.Mac}." },
            ]);
        }

        throw new RefusedException(refusal!.HttpStatus == 409 ? refusal : Refusal.Of(404, "object.unknown", null, $"there is no network, sandbox or endpoint '{reference}'", "netctl ls and netctl sandbox ls list them")); // not found always says why
    }

    private static string Device(NetworkEntry network) => (network.Record, network.Traits) switch
    {
        ({ LinkName: "" }, _) => string.Empty,
        ({ AdoptsLink: true } record, { Parent: not null }) => $" on interface {record.LinkName} of the host",
        (var record, { Parent: not null }) => $" on VLAN interface {record.LinkName}, which lives as long as a network is on it",
        (var record, _) => $" on device {record.LinkName}{(record.AdoptsLink ? ", which stood there before and will stay" : string.Empty)}",
    };

    private static string Reach(NetworkEntry network) => (network.Traits, network.Record.Spec.Internal) switch
    {
        ({ IsRoutedByHost: true }, true) => "It is internal: nothing is forwarded into or out of it.",
        ({ IsRoutedByHost: true }, false) => "Its endpoints reach the world; new connections from outside are dropped.",
        ({ Parent: { } parent }, true) => $"It is internal: its endpoints have no default route, and reach what is on the segment of {parent.Link}.",
        ({ Parent: { } parent }, false) => $"Its endpoints are machines on the segment of {parent.Link}: no firewall of the host is between, and the host itself reaches them by a shim only.",
        ({ Sandbox: Drivers.SandboxRule.Host }, _) => "A sandbox on it is in the host's own namespace.",
        ({ Sandbox: Drivers.SandboxRule.Alone }, _) => "A sandbox on it has its loopback, and nothing else.",
        _ => "Its endpoints reach each other, and nothing else.",
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

    private static Model.EndpointRecord? Endpoint(NodeState state, string reference)
    {
        if (state.Endpoints.TryGetValue(new Model.EndpointId(reference), out var found))
        {
            return found;
        }

        var matches = state.Endpoints.Values
            .Where(e => e.Name == reference || (reference.Length > 3 && e.Id.Value.StartsWith(reference, StringComparison.Ordinal)))
            .Take(2)
            .ToArray();
        return matches.Length == 1 ? matches[0] : null;
    }
}

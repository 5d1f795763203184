using System.Collections.Immutable;
using System.Net;
using Networking.Model;
using Networking.Netd.Ports;

namespace Networking.Netd.Control;

/// <summary>Publishes further ports of an endpoint, and takes others back, while it runs.</summary>
/// <param name="Network">The network as the user called it.</param>
/// <param name="Endpoint">The endpoint's name or id, or its sandbox's.</param>
/// <param name="Namespace">The namespace meant, where the user gave a path or a process.</param>
/// <param name="Added">Host ports that are kept for it already.</param>
/// <param name="Removed">Published ports to take back.</param>
/// <param name="Dns">How its sandbox asks for names that are not ours.</param>
/// <param name="Exposure">Who may reach the ports that stand from now on; null leaves them as they are.</param>
internal sealed record UpdateEndpoint(
    string Network,
    string Endpoint,
    NetNs? Namespace,
    ImmutableArray<PortGrant> Added,
    ImmutableArray<UnpublishSpec> Removed,
    DnsEdit Dns,
    PortExposure? Exposure = null)
    : IIntentCommand<EndpointRecord>
{
    public Durability Durability => Durability.Process;

    /// <summary>What is wrong with the request already; with anything, the rest is judged and nothing is granted.</summary>
    public Mistakes Mistakes { get; init; } = Mistakes.None;

    public Decision<EndpointRecord> Decide(NodeState state)
    {
        if (Lookup.Network(state, Network, out var refusal) is not { } network)
        {
            return Decision<EndpointRecord>.Refused(Refusal.Of(Mistakes, refusal!.Problems)); // not found always says why
        }

        var reference = Namespace is { } ns && state.SandboxNamespaces.TryGetValue(ns, out var id) ? id.Value : Endpoint;
        if (Lookup.Endpoint(state, network, reference, out refusal) is not { } endpoint)
        {
            return Decision<EndpointRecord>.Refused(Refusal.Of(Mistakes, refusal!.Problems));
        }

        var problems = new List<Problem>();
        var kept = Kept(endpoint, problems);
        var without = state with { HostPorts = state.HostPorts.Release(endpoint.Ports) };
        PortConflicts.CheckBindings(network.Record, Added, problems);
        PortConflicts.Check(state with { HostPorts = without.HostPorts.Hold(endpoint.Id, kept) }, Added, problems);
        if (problems.Count > 0 || !Mistakes.IsEmpty)
        {
            return Decision<EndpointRecord>.Refused(Refusal.Of(Mistakes, problems));
        }

        ImmutableArray<PublishedPort> ports = [.. kept.Concat(Added.Select(p => p.To(endpoint.Ipv4, endpoint.Ipv6)).OfType<PublishedPort>()).Distinct()];
        var record = endpoint with { Ports = ports, Spec = endpoint.Spec with { Publish = [.. ports.Select(SpecOf)], Dns = Dns.Apply(endpoint.Spec.Dns) } };
        return Decision<EndpointRecord>.Granted(
            without with
            {
                Revision = state.Revision + 1,
                Endpoints = state.Endpoints.SetItem(record.Id, record),
                HostPorts = without.HostPorts.Hold(record.Id, ports),
            },
            new StoreChange { Endpoints = [record] },
            new Touched { Endpoints = [record.Id], Sandboxes = Dns.IsEmpty ? [] : [record.SandboxId] },
            record);
    }

    private ImmutableArray<PublishedPort> Kept(EndpointRecord endpoint, List<Problem> problems)
    {
        foreach (var removed in Removed.Where(r => !endpoint.Ports.Any(r.Matches)))
        {
            problems.Add(new Problem(
                "port.unpublished",
                "--unpublish",
                $"endpoint {endpoint.Name} has not published {removed}",
                endpoint.Ports.IsEmpty ? "it publishes nothing" : $"it publishes {FirstOf.Text(endpoint.Ports, endpoint.Ports.Length)}"));
        }

        ImmutableArray<PublishedPort> kept = [.. endpoint.Ports.Where(p => !Removed.Any(r => r.Matches(p)))];
        if (Exposure is not { } exposure)
        {
            return kept;
        }

        if (kept.IsEmpty)
        {
            problems.Add(new Problem(
                "expose.unused", "--expose", $"endpoint {endpoint.Name} has no published port whose exposure could change", "publish one with --publish, or leave --expose out"));
        }

        return [.. kept.Select(p => p with { Exposure = IPAddress.IsLoopback(p.HostAddress) ? PortExposure.Loopback : exposure })];
    }

    private static PublishSpec SpecOf(PublishedPort port) => new()
    {
        Target = port.TargetPorts,
        Published = port.HostPorts,
        Protocol = port.Protocol,
        HostAddress = port.HostAddress,
        Exposure = port.Exposure,
    };
}

/// <summary>Published ports to take back.</summary>
/// <param name="Address">Host address; null for every one.</param>
/// <param name="Ports">Host ports as they were published.</param>
/// <param name="Protocol">Transport protocol.</param>
internal sealed record UnpublishSpec(IPAddress? Address, PortRange Ports, PortProtocol Protocol)
{
    /// <summary>Whether this port is meant.</summary>
    public bool Matches(PublishedPort port) =>
        port.Protocol == Protocol && port.HostPorts == Ports && (Address is null || port.HostAddress.Equals(Address));

    /// <inheritdoc/>
    public override string ToString() =>
        Address is null ? $"{Ports}/{Protocol.Word()}" : PortText.Of(Address, Ports, Protocol);
}

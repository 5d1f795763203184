using System.Collections.Immutable;
using System.Net;
using Networking.Dns;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Turns granted state into names. A change of state changes the names it touches and costs no more than that.</summary>
internal static class NameComposer
{
    private const int DnsPort = 53;

    /// <summary>A state with the names that belong to it.</summary>
    /// <param name="before">The state before, with its names.</param>
    /// <param name="state">The state after, still with the names of before.</param>
    /// <param name="touched">What differs.</param>
    public static NodeState Next(NodeState before, NodeState state, Touched touched)
    {
        var names = before.Names;
        foreach (var id in touched.Networks.Distinct())
        {
            names = WithNetwork(names, state, id);
        }

        foreach (var id in touched.Endpoints.Distinct())
        {
            names = WithEndpoint(names, before, state, id);
        }

        foreach (var id in touched.Sandboxes.Distinct())
        {
            names = WithSandbox(names, state, id);
        }

        return ReferenceEquals(names, state.Names) ? state : state with { Names = names };
    }

    /// <summary>A state that was loaded, with all of its names.</summary>
    public static NodeState Complete(NodeState state) =>
        Next(state with { Endpoints = ImmutableDictionary<EndpointId, EndpointRecord>.Empty, Names = NameSnapshot.Empty }, state, ScopeComposer.Everything(state));

    /// <summary>What an endpoint is called. A sandbox of ours lends its name; so do, as with containers, the ids.</summary>
    public static EndpointNames NamesOf(SandboxRecord? sandbox, EndpointRecord endpoint)
    {
        var given = sandbox is { Owner: SandboxOwner.Daemon } ? sandbox.Name : null;
        var aliases = endpoint.Spec.Aliases.Add(endpoint.Name).Add(endpoint.Id.Short).Add(endpoint.SandboxId.Short);
        return new EndpointNames
        {
            Id = endpoint.Id,
            Name = endpoint.Spec.Name ?? given ?? endpoint.Name,
            Aliases = [.. aliases, .. new[] { given, endpoint.Spec.Hostname }.OfType<string>()],
            Services = endpoint.Spec.Service is { } service ? [service] : [],
            Ipv4 = endpoint.Ipv4?.Address,
            Ipv6 = endpoint.Ipv6?.Address,
            Ports = [.. endpoint.Ports.Select(static p => new ServicePort(p.TargetPorts, p.Protocol.Word())).Distinct()],
        };
    }

    private static NameSnapshot WithNetwork(NameSnapshot names, NodeState state, NetworkId id)
    {
        if (!state.Networks.TryGetValue(id, out var network))
        {
            return names.Without(id);
        }

        // Its name is for ever and its endpoints keep theirs; subnets may come.
        var record = network.Record;
        return names.With((names.Network(id) ?? new NetworkNames(id, network.Name, []))
            .WithPrefixes([.. record.Subnets.Select(static s => s.Prefix)]));
    }

    private static NameSnapshot WithEndpoint(NameSnapshot names, NodeState before, NodeState state, EndpointId id)
    {
        if (before.Endpoints.TryGetValue(id, out var old) && names.Network(old.NetworkId) is { } left)
        {
            names = names.With(left.Without(NamesOf(before.Sandboxes.GetValueOrDefault(old.SandboxId)?.Record, old)));
        }

        return state.Endpoints.TryGetValue(id, out var now) && names.Network(now.NetworkId) is { } entered
            ? names.With(entered.With(NamesOf(state.Sandboxes.GetValueOrDefault(now.SandboxId)?.Record, now)))
            : names;
    }

    private static NameSnapshot WithSandbox(NameSnapshot names, NodeState state, SandboxId id)
    {
        if (!state.Sandboxes.TryGetValue(id, out var sandbox) || sandbox.Record.IsRemoving || sandbox.Endpoints.IsEmpty)
        {
            return names.Without(id);
        }

        var order = SandboxDns.InOrder(state, sandbox);
        return names.With(new SandboxNames
        {
            Id = id,
            Networks = [.. order.Select(static e => e.NetworkId).Distinct()],
            Links = order.Reverse().SelectMany(static e => e.Spec.Links).Aggregate(
                ImmutableDictionary<string, string>.Empty, static (links, link) => links.SetItem(link.Key, link.Value)), // the first endpoint's counts
            IsForwarding = order.Any(e => !state.Networks[e.NetworkId].Record.Spec.Internal),
            Servers = [.. SandboxDns.Of(state, order).Servers.Select(static a => new IPEndPoint(a, DnsPort))],
        });
    }
}

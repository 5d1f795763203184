using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Ports;

namespace Networking.Netd.Control;

/// <summary>A sandbox to connect: one there is, or one just opened that becomes known by its first endpoint.</summary>
/// <param name="Record">Its record.</param>
/// <param name="ForeignLinks">Interfaces in its namespace that are not ours.</param>
internal sealed record SandboxCandidate(SandboxRecord Record, ImmutableArray<string> ForeignLinks)
{
    /// <summary>Where its resolver's sockets are, opened for it already; null without one.</summary>
    public IPEndPoint? Resolver { get; init; }
}

/// <summary>Claims addresses, names and a bridge slot for an endpoint.</summary>
/// <param name="Network">The network as the user called it.</param>
/// <param name="Sandbox">The sandbox; null if it could not be told, which is one of the mistakes.</param>
/// <param name="Spec">What is asked.</param>
/// <param name="Ports">Host ports that are kept for it already: by sockets, where that was possible.</param>
/// <param name="BootId">This boot.</param>
/// <param name="Ids">Source of the id and the hardware address.</param>
/// <param name="Now">Moment of the request.</param>
internal sealed record Connect(
    string Network, SandboxCandidate? Sandbox, EndpointSpec Spec, ImmutableArray<PortGrant> Ports, string BootId, IIdSource Ids, DateTimeOffset Now)
    : IIntentCommand<EndpointRecord>
{
    private const int HostInterfaceDigits = 10; // veth and 10 digits: 14 of IFNAMSIZ - 1 = 15 bytes

    public Durability Durability => Durability.Process;

    /// <summary>What is wrong with the request already; with anything, the rest is judged and nothing is granted.</summary>
    public Mistakes Mistakes { get; init; } = Mistakes.None;

    public Decision<EndpointRecord> Decide(NodeState state)
    {
        var problems = new List<Problem>();
        if (Lookup.Network(state, Network, out var refusal) is not { } network)
        {
            return Decision<EndpointRecord>.Refused(Refusal.Of(Mistakes, refusal!.Problems)); // not found always says why
        }

        var id = new EndpointId(Ids.NewId());
        var name = Spec.Name ?? id.Short;
        var (sandbox, isNew) = Wanted(state, problems);
        var interfaceName = string.Empty;
        if (sandbox is not null)
        {
            SandboxCompany.Check(state, network, sandbox, problems);
            CheckTwice(state, network, sandbox, problems);
            interfaceName = ClaimInterface(state, network, sandbox, problems);
        }

        CheckRoom(network, name, problems);
        MacClaim.Check(state, network, Spec.Mac, problems);
        (network, var ipv4) = Mistakes.AreAbout("--ip", "ip") ? (network, null) : AddressClaim.Claim(state, network, isIpv6: false, Spec.Ipv4, Now, problems);
        (network, var ipv6) = Mistakes.AreAbout("--ip6", "ip6") ? (network, null) : AddressClaim.Claim(state, network, isIpv6: true, Spec.Ipv6, Now, problems);
        PortConflicts.CheckBindings(network.Record, Ports, problems);
        PortConflicts.Check(state, Ports, problems);
        if (sandbox is null || problems.Count > 0 || !Mistakes.IsEmpty)
        {
            return Decision<EndpointRecord>.Refused(Refusal.Of(Mistakes, problems));
        }

        var mac = MacClaim.Of(network, Spec.Mac, Ids);
        var record = new EndpointRecord
        {
            Id = id,
            NetworkId = network.Record.Id,
            SandboxId = sandbox.Record.Id,
            Name = name,
            Spec = Spec,
            HostInterface = network.Traits.HasHostInterface ? $"veth{id.Value[..HostInterfaceDigits]}" : string.Empty,
            Interface = interfaceName,
            Mac = mac,
            HostMac = network.Traits.HasHostInterface && network.Record.AdoptsLink ? mac.BehindOthers() : null,
            Ipv4 = ipv4,
            Ipv6 = ipv6,
            Ports = [.. Ports.Select(p => p.To(ipv4, ipv6)).OfType<PublishedPort>().Distinct()], // of a direct one, the host ports mean nothing
            BootId = BootId,
            Created = Now,
        };
        return Decision<EndpointRecord>.Granted(
            WithEndpoint(state, network, sandbox, record),
            new StoreChange
            {
                Networks = network.Traits.IsPredefined ? [network.Record] : [], // nobody else stores it, and the endpoint refers to it
                Endpoints = [record],
                Sandboxes = isNew ? [sandbox.Record] : [],
            },
            new Touched { Sandboxes = [sandbox.Record.Id], Endpoints = [id] },
            record);
    }

    /// <summary>The state with an endpoint that was granted before: at start, from the store.</summary>
    public static NodeState Restore(NodeState state, EndpointRecord record)
    {
        var network = state.Networks[record.NetworkId];
        network = AddressClaim.Restore(network, record.Ipv4, isInTurn: record.Spec.Ipv4 is null);
        network = AddressClaim.Restore(network, record.Ipv6, isInTurn: record.Spec.Ipv6 is null);
        return WithEndpoint(state, network, state.Sandboxes[record.SandboxId], record);
    }

    private static NodeState WithEndpoint(NodeState state, NetworkEntry network, SandboxEntry sandbox, EndpointRecord record)
    {
        var leases = network.Leases;
        leases = record.Ipv4 is { } ipv4 ? leases.Add(ipv4.Address, record.Id) : leases;
        leases = record.Ipv6 is { } ipv6 ? leases.Add(ipv6.Address, record.Id) : leases;
        return state with
        {
            Revision = state.Revision + 1,
            Endpoints = state.Endpoints.Add(record.Id, record),
            HostPorts = state.HostPorts.Hold(record.Id, record.Ports),
            Networks = state.Networks.SetItem(
                record.NetworkId, network with
                {
                    EndpointNames = network.EndpointNames.Add(record.Name, record.Id),
                    Leases = leases,
                    Macs = record.Mac.IsZero ? network.Macs : network.Macs.SetItem(record.Mac, record.Id),
                }),
            Sandboxes = state.Sandboxes.SetItem(sandbox.Record.Id, sandbox with { Endpoints = sandbox.Endpoints.Add(record.Id) }),
            SandboxNames = state.SandboxNames.SetItem(sandbox.Record.Name, sandbox.Record.Id),
            SandboxScopes = state.SandboxScopes.SetItem(ScopeId.Of(sandbox.Record.Id), sandbox.Record.Id),
            SandboxNamespaces = CreateSandbox.WithNamespace(state.SandboxNamespaces, sandbox.Record),
        };
    }

    // The sandbox as it will be, and whether it has to be stored with the endpoint.
    private (SandboxEntry? Sandbox, bool IsNew) Wanted(NodeState state, List<Problem> problems)
    {
        if (Sandbox is not { } asked)
        {
            return (null, false);
        }

        var known = Known(state, asked.Record);
        if (known is { Record: { IsRemoving: true, Owner: SandboxOwner.Daemon } })
        {
            problems.Add(new Problem("sandbox.leaving", null, $"sandbox {known.Record.Name} is being removed", "try again in a moment"));
        }
        else if (known is null && asked.Record.Owner == SandboxOwner.Daemon)
        {
            problems.Add(new Problem("sandbox.unknown", null, $"sandbox {asked.Record.Name} has been removed", "netctl sandbox create makes one"));
        }

        // A sandbox that was leaving because its last endpoint did is wanted again: it stays. The candidate may have been
        // leaving too when it was looked up, and be forgotten since.
        var isNew = known is null or { Record.IsRemoving: true };
        known ??= new SandboxEntry(asked.Record, asked.ForeignLinks);
        return (known with { Record = known.Record with { IsRemoving = false }, Resolver = asked.Resolver ?? known.Resolver }, isNew);
    }

    // Sandboxes in the host's namespace are told by their names.
    private static SandboxEntry? Known(NodeState state, SandboxRecord asked) =>
        asked.Namespace.IsHost
            ? state.SandboxNames.TryGetValue(asked.Name, out var named) && state.Sandboxes[named].Record.Namespace.IsHost ? state.Sandboxes[named] : null
            : state.SandboxNamespaces.TryGetValue(asked.Namespace, out var id) ? state.Sandboxes[id] : null;

    private static void CheckRoom(NetworkEntry network, string name, List<Problem> problems)
    {
        if (network.EndpointNames.Count >= network.Traits.EndpointsMax)
        {
            problems.Add(new Problem(
                "network.full",
                null,
                $"network {network.Name} has {network.EndpointNames.Count} endpoint{(network.EndpointNames.Count == 1 ? string.Empty : "s")}, {network.Traits.EndpointsLimit}",
                "create a second network, or disconnect an endpoint"));
        }

        if (network.EndpointNames.ContainsKey(name))
        {
            problems.Add(new Problem(
                "endpoint.exists", "--name", $"network {network.Name} has an endpoint {name} already", "choose another name"));
        }
    }

    // Who asks twice in the same words has forgotten the first time, or never got its answer: a second one is told apart.
    private void CheckTwice(NodeState state, NetworkEntry network, SandboxEntry sandbox, List<Problem> problems)
    {
        if (network.Traits.Sandbox == SandboxRule.Own && Spec.Name is null && EndpointOptions.Parse(Spec, []).InterfaceName is null
            && sandbox.Endpoints.Select(e => state.Endpoints[e]).FirstOrDefault(e => e.NetworkId == network.Record.Id) is { } other)
        {
            var addresses = string.Join(" and ", new[] { other.Ipv4, other.Ipv6 }.OfType<InterfaceAddress>().Select(static a => a.Address));
            problems.Add(new Problem(
                "endpoint.connected",
                "SANDBOX",
                $"sandbox {sandbox.Record.Name} is on network {network.Name} already: endpoint {other.Name}, interface {other.Interface}, {addresses}",
                $"netctl disconnect {network.Name} {sandbox.Record.Name} first, or tell a second one apart with --name or --ifname"));
        }
    }

    private string ClaimInterface(NodeState state, NetworkEntry network, SandboxEntry sandbox, List<Problem> problems)
    {
        var taken = sandbox.Endpoints.Select(id => state.Endpoints[id].Interface).Concat(sandbox.ForeignLinks).ToHashSet(StringComparer.Ordinal);
        var asked = EndpointOptions.Parse(Spec, []).InterfaceName;
        if (asked is not null)
        {
            if (taken.Contains(asked))
            {
                problems.Add(new Problem(
                    "interface.exists",
                    "--ifname",
                    $"sandbox {sandbox.Record.Name} has an interface {asked} already",
                    "choose another name, or leave it out for the next free one"));
            }

            return asked;
        }

        if (network.Traits.InterfacePrefix is not { } prefix)
        {
            return string.Empty;
        }

        var number = 0;
        while (taken.Contains(Numbered(prefix, number)))
        {
            number++; // bounded by the number of names taken
        }

        return Numbered(prefix, number);
    }

    private static string Numbered(string prefix, int number) => prefix + number.ToString(CultureInfo.InvariantCulture);
}

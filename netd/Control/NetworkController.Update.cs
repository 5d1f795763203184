using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Ipam;
using Networking.Netd.Requests;

namespace Networking.Netd.Control;

/// <summary>Changing what stands.</summary>
internal sealed partial class NetworkController
{
    public async Task<ChangeDocument> UpdateNetworkAsync(
        string network, UpdateNetworkRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>(options.Malformed);
        var edit = NetworkEditReader.Read(request, problems);
        var adopted = Lookup.Network(State, network, out _) is { Record: { AdoptsLink: true, LinkName: var link } } ? link : null;
        var facts = await ReadHostAsync(adopted, cancellationToken);
        var command = new UpdateNetwork(network, edit, facts, HostResolvers.Read(paths.ResolvConf), time.GetUtcNow()) { Mistakes = Of(problems) };
        RefuseIfAny(command, command.Mistakes);
        if (options.IsDryRun)
        {
            return await DryRunAsync(command, static u => (u.Network.Id.Value, u.Network.Spec.Name), cancellationToken, static u => u.Warnings);
        }

        var committed = await actor.SubmitAsync(command, CancellationToken.None);
        var record = committed.Result.Network;
        events.Add("network.changed", record.Id.Value, record.Spec.Name, $"network {record.Spec.Name} was {(edit.IsUndo ? "changed back" : "changed")}");
        var status = await WaitAsync(committed, ScopeId.Of(record.Id), options, cancellationToken);
        return new ChangeDocument { Id = record.Id.Value, Name = record.Spec.Name, Status = status, Warnings = committed.Result.Warnings };
    }

    public async Task<ChangeDocument> UpdateEndpointAsync(
        string network, UpdateEndpointRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>(options.Malformed);
        var publish = PublishReader.Read(request.Publish, request.Expose, problems, mayStand: true);
        PortExposure? expose = request.Publish.IsEmpty && !string.IsNullOrEmpty(request.Expose) && PublishEntry.TryReadExposure(request.Expose, out var level) ? level : null;
        var unpublish = UnpublishReader.Read(request.Unpublish, problems);
        var dns = DnsReader.Read(request.Dns, request.DnsSearch, request.DnsOptions, problems);
        var concernsPorts = !publish.IsEmpty || !unpublish.IsEmpty || expose is not null;
        if (problems.Count == 0 && !concernsPorts && dns.IsEmpty)
        {
            problems.Add(new Problem("change.nothing", "--publish", "nothing is asked to be different", "give ports with --publish or --unpublish, who may reach them with --expose, or servers with --dns"));
        }

        if (options.IsMalformed("sandbox"))
        {
            ThrowIfAny(problems); // there is none to judge the rest by
        }

        var state = State;
        var ns = await IdentifyAsync(state, request.Sandbox, cancellationToken);
        var (entry, endpoint) = Find(state, network, request.Sandbox, ns, problems);
        var others = new List<Problem>();
        if (entry.Traits.IsPredefined && !dns.IsEmpty)
        {
            others.Add(new Problem(
                "dns.driver", "--dns", $"endpoints on network {entry.Name} have no resolver of netd's", "say it on another network of the sandbox"));
        }

        if (concernsPorts && entry.Traits.PortsAreDiscarded is { } why)
        {
            others.Add(new Problem(
                "publish.driver", "--publish", $"ports of endpoints on network {entry.Name} are not published: {why}", "publish on another network of the sandbox"));
        }

        var claimed = await ClaimPortsAsync(
            Without(state, endpoint, unpublish), entry, new EndpointSpec { Publish = publish }, others, cancellationToken, portKeeper.Keeps(endpoint.Id));
        Committed<EndpointRecord>? committed = null;
        try
        {
            var command = new UpdateEndpoint(network, endpoint.Id.Value, null, claimed.Grants, unpublish, dns, expose) { Mistakes = Of(problems, others) };
            RefuseIfAny(command, command.Mistakes);
            if (options.IsDryRun)
            {
                return await DryRunAsync(command, static e => (e.Id.Value, e.Name), cancellationToken, _ => claimed.Warnings);
            }

            // Not given up if the client hangs up now: it could be committed, and its ports be given back.
            committed = await actor.SubmitAsync(command, CancellationToken.None);
        }
        finally
        {
            if (committed is null)
            {
                claimed.GiveBack(); // refused, or only planned
            }
        }

        var record = committed.Result;
        await KeepPortsAsync(record, claimed.Reservations, changedAt: committed.Revision);
        events.Add("endpoint.changed", record.Id.Value, record.Name, concernsPorts ? $"endpoint {record.Name} publishes {record.Ports.Length} ports now" : $"endpoint {record.Name} asks other servers now");
        StatusDocument? status;
        try
        {
            status = await WaitAsync(committed, ScopeId.Of(record.Id), options, cancellationToken);
        }
        finally
        {
            await FollowPortsAsync(ScopeId.Of(record.Id)); // also for a client that hung up
        }

        return new ChangeDocument
        {
            Id = record.Id.Value,
            Name = record.Name,
            Status = status,
            Endpoint = Documents.Endpoint(State, record, status ?? Documents.Status(reconciler, ScopeId.Of(record.Id), time)),
            Warnings = claimed.Warnings,
        };
    }

    // Without it nothing else can be judged, and what is wrong already is told with it.
    private static (NetworkEntry Network, EndpointRecord Endpoint) Find(NodeState state, string network, string sandbox, NetNs? ns, List<Problem> problems)
    {
        var entry = Lookup.Network(state, network, out var refusal);
        var reference = ns is { } cookie && state.SandboxNamespaces.TryGetValue(cookie, out var id) ? id.Value : sandbox;
        var endpoint = entry is null ? null : Lookup.Endpoint(state, entry, reference, out refusal);
        return endpoint is null ? throw new RefusedException(Refusal.Of(Of(problems), refusal!.Problems)) : (entry!, endpoint); // not found always says why
    }

    // What is taken back by the same request may be published again by it.
    private static NodeState Without(NodeState state, EndpointRecord endpoint, ImmutableArray<UnpublishSpec> removed) =>
        state with { HostPorts = state.HostPorts.Release(endpoint.Ports.Where(p => removed.Any(r => r.Matches(p)))) };
}

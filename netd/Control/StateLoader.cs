using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Ipam;

namespace Networking.Netd.Control;

/// <summary>
/// Rebuilds the granted state from the store. What died with an earlier boot, or with its namespace while no daemon ran,
/// leaves the store here; the kernel objects it left behind are found as orphans by the first reading.
/// </summary>
/// <param name="store">Where intent is kept.</param>
/// <param name="namespaces">Finds out which sandboxes are still there.</param>
/// <param name="ids">Source of the instance's id, if it has none yet.</param>
/// <param name="bootId">This boot.</param>
/// <param name="rules">How subnets and addresses are given out.</param>
/// <param name="now">This moment.</param>
internal sealed class StateLoader(
    IIntentStore store, INamespaces namespaces, IIdSource ids, string bootId, AddressRules rules, DateTimeOffset now)
{
    private const int OpensAtOnceMax = 4;
    private const int InstanceDigits = 8;

    /// <summary>What could not leave the store, on a full disk say, and why; null if all is stored. The next commit takes it along.</summary>
    public (StoreChange Change, string Reason)? Owed { get; private set; }

    public async Task<NodeState> LoadAsync(CancellationToken cancellationToken)
    {
        var content = store.Load();
        var node = content.Node ?? new NodeRecord { InstanceId = ids.NewId()[..InstanceDigits], BootId = bootId };
        if (node.BootId != bootId)
        {
            // A boot puts every sysctl back by itself.
            node = node with { BootId = bootId, OriginalSysctls = ImmutableSortedDictionary<string, string>.Empty };
        }

        var opened = await OpenSandboxesAsync(content, cancellationToken);
        var endpoints = content.Endpoints.Where(e => opened.ContainsKey(e.SandboxId)).ToImmutableArray();
        var gone = new StoreChange
        {
            Node = ReferenceEquals(node, content.Node) ? null : node,
            RemovedSandboxes = [.. content.Sandboxes.Select(static s => s.Id).Where(id => !opened.ContainsKey(id))],
            RemovedEndpoints = [.. content.Endpoints.Select(static e => e.Id).Except(endpoints.Select(static e => e.Id))],
        };
        if (gone.Node is not null || !gone.RemovedSandboxes.IsEmpty || !gone.RemovedEndpoints.IsEmpty)
        {
            try
            {
                await store.CommitAsync(gone, Durability.Disk, cancellationToken);
            }
            catch (StoreException e) when (content.Node is not null) // an instance that is not stored would be another one each time
            {
                Owed = (gone, e.Message);
            }
        }

        var state = new NodeState
        {
            Node = node,
            Subnets = AddressSpace.Create(DefaultPools.Of(node.InstanceId, rules.Pools)),
            AddressRest = rules.Rest,
        };
        state = PredefinedNetworks.AddTo(content.Networks.Aggregate(state, CreateNetwork.Restore), now);
        state = content.Sandboxes
            .Where(s => opened.ContainsKey(s.Id))
            .Aggregate(state, (current, s) => CreateSandbox.Restore(current, s, Foreign(opened[s.Id], endpoints, s.Id)));
        state = endpoints.OrderBy(static e => e.Created).Aggregate(state, Connect.Restore);
        return content.Endpoints.Except(endpoints).Where(e => e.BootId == bootId).OrderBy(static e => e.Created).Aggregate(state, WithRest);
    }

    // What was lost while no daemon ran is released only now, so its addresses rest from now on. After a boot nobody
    // remembers an address of before.
    private NodeState WithRest(NodeState state, EndpointRecord lost)
    {
        if (!state.Networks.TryGetValue(lost.NetworkId, out var network))
        {
            return state;
        }

        foreach (var address in new[] { lost.Ipv4?.Address, lost.Ipv6?.Address }.OfType<IPAddress>())
        {
            network = network.PoolOf(address) is { } pool ? network.With(pool.Rest(address, now)) : network;
        }

        return state with { Networks = state.Networks.SetItem(lost.NetworkId, network) };
    }

    private async Task<Dictionary<SandboxId, NamespaceIdentity>> OpenSandboxesAsync(StoreContent content, CancellationToken cancellationToken)
    {
        var sandboxes = content.Sandboxes.Where(s => s.BootId == bootId).ToArray();
        var found = new NamespaceIdentity?[sandboxes.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, sandboxes.Length),
            new ParallelOptions { MaxDegreeOfParallelism = OpensAtOnceMax, CancellationToken = cancellationToken },
            async (i, token) => found[i] = await TryOpenAsync(sandboxes[i], token));
        var opened = sandboxes
            .Select((s, i) => (Sandbox: s, Identity: found[i]))
            .Where(static s => s.Identity?.Namespace == s.Sandbox.Namespace)
            .ToDictionary(static s => s.Sandbox.Id, static s => s.Identity!); // filtered above

        // Another sandbox may be in what this one's path leads to now.
        foreach (var stranger in found.OfType<NamespaceIdentity>().Select(static i => i.Namespace).Except(opened.Values.Select(static i => i.Namespace)))
        {
            await namespaces.ForgetAsync(stranger);
        }

        return opened;
    }

    // What the path of a sandbox leads to now; null if nowhere.
    private async Task<NamespaceIdentity?> TryOpenAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        if (!ProcessOwner.IsAlive(sandbox))
        {
            return null;
        }

        try
        {
            return await namespaces.OpenAsync(sandbox.Path, [], cancellationToken);
        }
        catch (KernelException)
        {
            return null; // nothing is there any more: the sandbox is gone with its namespace
        }
    }

    private static ImmutableArray<string> Foreign(NamespaceIdentity identity, ImmutableArray<EndpointRecord> endpoints, SandboxId id) =>
        [.. identity.LinkNames.Except(endpoints.Where(e => e.SandboxId == id).Select(static e => e.Interface))];
}

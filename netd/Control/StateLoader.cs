using System.Collections.Immutable;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// Rebuilds the granted state from the store. What died with an earlier boot, or with its namespace while no daemon ran,
/// leaves the store here; the kernel objects it left behind are found as orphans by the first reading.
/// </summary>
internal sealed class StateLoader(IIntentStore store, INamespaces namespaces, IIdSource ids, string bootId)
{
    private const int OpensAtOnceMax = 4;
    private const int InstanceDigits = 8;

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
            await store.CommitAsync(gone, Durability.Disk, cancellationToken);
        }

        var state = new NodeState { Node = node, Subnets = AddressSpace.Create(DefaultPools.Of(node.InstanceId)) };
        state = content.Networks.Aggregate(state, CreateNetwork.Restore);
        state = content.Sandboxes
            .Where(s => opened.ContainsKey(s.Id))
            .Aggregate(state, (current, s) => CreateSandbox.Restore(current, s, Foreign(opened[s.Id], endpoints, s.Id)));
        return endpoints.OrderBy(static e => e.Created).Aggregate(state, Connect.Restore);
    }

    private async Task<Dictionary<SandboxId, NamespaceIdentity>> OpenSandboxesAsync(StoreContent content, CancellationToken cancellationToken)
    {
        var sandboxes = content.Sandboxes.Where(s => s.BootId == bootId).ToArray();
        var found = new NamespaceIdentity?[sandboxes.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, sandboxes.Length),
            new ParallelOptions { MaxDegreeOfParallelism = OpensAtOnceMax, CancellationToken = cancellationToken },
            async (i, token) => found[i] = await TryOpenAsync(sandboxes[i], token));
        return sandboxes
            .Select((s, i) => (s.Id, Identity: found[i]))
            .Where(static s => s.Identity is not null)
            .ToDictionary(static s => s.Id, static s => s.Identity!); // filtered above
    }

    private async Task<NamespaceIdentity?> TryOpenAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        if (!ProcessOwner.IsAlive(sandbox))
        {
            return null;
        }

        try
        {
            var identity = await namespaces.OpenAsync(sandbox.Path, [], cancellationToken);
            if (identity.Namespace == sandbox.Namespace)
            {
                return identity;
            }

            await namespaces.ForgetAsync(identity.Namespace);
            return null;
        }
        catch (KernelException)
        {
            return null; // nothing is there any more: the sandbox is gone with its namespace
        }
    }

    private static ImmutableArray<string> Foreign(NamespaceIdentity identity, ImmutableArray<EndpointRecord> endpoints, SandboxId id) =>
        [.. identity.LinkNames.Except(endpoints.Where(e => e.SandboxId == id).Select(static e => e.Interface))];
}

using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// Turns a change into rows, on the thread that asks for it, so that the store's own thread only writes.
/// Puts come before removals and parents before children, each the other way round for removals: then an endpoint can
/// move to another sandbox and the old one go in one change, and references hold after every single statement.
/// </summary>
internal static class ChangeRows
{
    public static ImmutableArray<RowWrite> Of(StoreChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var rows = ImmutableArray.CreateBuilder<RowWrite>();
        if (change.Node is { } node)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(node, StoreJson.Default.NodeRecord);
            rows.Add(new RowWrite(RecordSql.PutNode, "put the node", [json]));
        }

        rows.AddRange(change.Networks.Select(Put));
        rows.AddRange(change.Sandboxes.Select(Put));
        rows.AddRange(change.Endpoints.Select(Put));
        rows.AddRange(change.RemovedEndpoints.Select(static id =>
            new RowWrite(RecordSql.RemoveEndpoint, $"remove endpoint {id}", [Id(id.Value)])));
        rows.AddRange(change.RemovedSandboxes.Select(static id =>
            new RowWrite(RecordSql.RemoveSandbox, $"remove sandbox {id}", [Id(id.Value)])));
        rows.AddRange(change.RemovedNetworks.Select(static id =>
            new RowWrite(RecordSql.RemoveNetwork, $"remove network {id}", [Id(id.Value)])));
        return rows.DrainToImmutable();
    }

    /// <summary>Removes what another boot than <paramref name="bootId"/> left.</summary>
    public static ImmutableArray<RowWrite> RemovingOtherBoots(string bootId)
    {
        ImmutableArray<byte[]> values = [Id(bootId)];
        return
        [
            new RowWrite(RecordSql.RemoveEndpointsOfOtherBoots, $"remove endpoints of boots before {bootId}", values),
            new RowWrite(RecordSql.RemoveSandboxesOfOtherBoots, $"remove sandboxes of boots before {bootId}", values),
        ];
    }

    private static RowWrite Put(NetworkRecord network) => new(
        network.Spec.Driver == "bridge" ? RecordSql.PutNetwork : RecordSql.PutNetworkOfOtherDriver,
        $"put network {network.Id}",
        [Id(network.Id.Value), JsonSerializer.SerializeToUtf8Bytes(network, StoreJson.Default.NetworkRecord)]);

    private static RowWrite Put(SandboxRecord sandbox) => new(
        RecordSql.PutSandbox,
        $"put sandbox {sandbox.Id}",
        [
            Id(sandbox.Id.Value),
            Id(sandbox.BootId),
            JsonSerializer.SerializeToUtf8Bytes(sandbox, StoreJson.Default.SandboxRecord),
        ]);

    private static RowWrite Put(EndpointRecord endpoint) => new(
        RecordSql.PutEndpoint,
        $"put endpoint {endpoint.Id}",
        [
            Id(endpoint.Id.Value),
            Id(endpoint.NetworkId.Value),
            Id(endpoint.SandboxId.Value),
            Id(endpoint.BootId),
            JsonSerializer.SerializeToUtf8Bytes(endpoint, StoreJson.Default.EndpointRecord),
        ]);

    private static byte[] Id(string? value)
    {
        // A default id means "none": such a row could be written and never be found again.
        Invariant.Check(!string.IsNullOrEmpty(value), "a stored record has an id, references and a boot id");
        return Encoding.UTF8.GetBytes(value);
    }
}

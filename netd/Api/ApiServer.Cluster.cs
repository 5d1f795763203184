using Networking.Model.Api;

namespace Networking.Netd.Api;

/// <summary>Routes of the cluster.</summary>
internal sealed partial class ApiServer
{
    private async Task ClusterStatusAsync(HttpContext http) => await WriteClusterAsync(http, services.Cluster.StatusAsync(http.RequestAborted));

    private async Task InitClusterAsync(HttpContext http)
    {
        var request = await ReadAsync(http, ApiJson.Strict.InitClusterRequest);
        await WriteClusterAsync(http, services.Cluster.InitAsync(request, OptionsOf(http).IsDryRun, http.RequestAborted));
    }

    private async Task JoinClusterAsync(HttpContext http)
    {
        var request = await ReadAsync(http, ApiJson.Strict.JoinClusterRequest);
        var options = OptionsOf(http);
        await WriteClusterAsync(http, services.Cluster.JoinAsync(request, options.IsDryRun, options.Timeout, http.RequestAborted));
    }

    private async Task LeaveClusterAsync(HttpContext http) =>
        await WriteClusterAsync(http, services.Cluster.LeaveAsync(OptionsOf(http).IsDryRun, http.RequestAborted));

    private Task ListClusterKeysAsync(HttpContext http) =>
        WriteAsync(http, 200, services.Cluster.Keys(RouteQuery.Flag(http, "secrets")), ApiJson.Default.ClusterKeyDocumentArray);

    private async Task AddClusterKeyAsync(HttpContext http)
    {
        var request = await ReadAsync(http, ApiJson.Strict.AddClusterKeyRequest);
        await WriteClusterAsync(http, services.Cluster.AddKeyAsync(request, OptionsOf(http).IsDryRun, http.RequestAborted));
    }

    private async Task UseClusterKeyAsync(HttpContext http) =>
        await WriteClusterAsync(http, services.Cluster.UseKeyAsync(ReferenceOf(http), OptionsOf(http).IsDryRun, http.RequestAborted));

    private async Task RemoveClusterKeyAsync(HttpContext http) =>
        await WriteClusterAsync(http, services.Cluster.RemoveKeyAsync(ReferenceOf(http), OptionsOf(http).IsDryRun, http.RequestAborted));

    private async Task ListNodesAsync(HttpContext http) =>
        await WriteAsync(http, 200, await services.Cluster.NodesAsync(http.RequestAborted), ApiJson.Default.NodeDocumentArray);

    private static async Task WriteClusterAsync(HttpContext http, Task<ClusterDocument> done) => await WriteAsync(http, 200, await done, ApiJson.Default.ClusterDocument);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Networking.Kernel;
using Networking.Model.Api;
using Networking.Netd.Control;
using Networking.Netd.Diagnosis;

namespace Networking.Netd.Api;

/// <summary>One method a route.</summary>
internal sealed partial class ApiServer
{
    private static readonly byte[] s_newline = [(byte)'\n'];

    private Task ListNetworksAsync(HttpContext http)
    {
        var state = controller.State;
        NetworkDocument[] documents =
        [
            .. state.Networks.Values
                .OrderBy(static n => n.Name, StringComparer.Ordinal)
                .Select(n => Documents.Network(state, n, controller.Reconciler, services.Time, withEndpoints: false)),
        ];
        return WriteAsync(http, 200, documents, ApiJson.Default.NetworkDocumentArray);
    }

    private async Task CreateNetworkAsync(HttpContext http)
    {
        var (request, options) = await ReadAllAsync(http, ApiJson.Strict.CreateNetworkRequest);
        var change = await controller.CreateNetworkAsync(request, options, http.RequestAborted);
        await WriteAsync(http, options.IsDryRun ? 200 : 201, change, ApiJson.Default.ChangeDocument);
    }

    private async Task PruneAsync(HttpContext http) =>
        await WriteAsync(http, 200, await controller.PruneAsync(OptionsOf(http), http.RequestAborted), ApiJson.Default.PruneDocument);

    private async Task SetFirewallAsync(HttpContext http)
    {
        var request = await ReadAsync(http, ApiJson.Strict.FirewallRequest);
        await WriteAsync(http, 200, await controller.SetFirewallAsync(request, OptionsOf(http), http.RequestAborted), ApiJson.Default.ChangeDocument);
    }

    private Task InspectNetworkAsync(HttpContext http)
    {
        var state = controller.State;
        var network = Lookup.Network(state, ReferenceOf(http), out var refusal) ?? throw new RefusedException(refusal!);
        return WriteAsync(http, 200, Documents.Network(state, network, controller.Reconciler, services.Time, withEndpoints: true), ApiJson.Default.NetworkDocument);
    }

    private async Task RemoveNetworkAsync(HttpContext http)
    {
        var change = await controller.RemoveNetworkAsync(ReferenceOf(http), RouteQuery.Flag(http, "force"), OptionsOf(http), http.RequestAborted);
        await WriteAsync(http, 200, change, ApiJson.Default.ChangeDocument);
    }

    private async Task UpdateNetworkAsync(HttpContext http)
    {
        var (request, options) = await ReadAllAsync(http, ApiJson.Strict.UpdateNetworkRequest);
        var change = await controller.UpdateNetworkAsync(ReferenceOf(http), request, options, http.RequestAborted);
        await WriteAsync(http, 200, change, ApiJson.Default.ChangeDocument);
    }

    private async Task UpdateEndpointAsync(HttpContext http)
    {
        var (request, options) = await ReadAllAsync(http, ApiJson.Strict.UpdateEndpointRequest);
        var change = await controller.UpdateEndpointAsync(ReferenceOf(http), request, options, http.RequestAborted);
        await WriteAsync(http, 200, change, ApiJson.Default.ChangeDocument);
    }

    private async Task ConnectAsync(HttpContext http)
    {
        var (request, options) = await ReadAllAsync(http, ApiJson.Strict.ConnectRequest);
        var change = await controller.ConnectAsync(ReferenceOf(http), request, options, http.RequestAborted);
        await WriteAsync(http, options.IsDryRun ? 200 : 201, change, ApiJson.Default.ChangeDocument);
    }

    private async Task DisconnectAsync(HttpContext http)
    {
        var request = await ReadAsync(http, ApiJson.Strict.DisconnectRequest);
        var change = await controller.DisconnectAsync(ReferenceOf(http), request, OptionsOf(http), http.RequestAborted);
        await WriteAsync(http, 200, change, ApiJson.Default.ChangeDocument);
    }

    private Task ListSandboxesAsync(HttpContext http)
    {
        var state = controller.State;
        SandboxDocument[] documents =
        [
            .. state.Sandboxes.Values
                .OrderBy(static s => s.Record.Name, StringComparer.Ordinal)
                .Select(s => Documents.Sandbox(state, s, controller.Reconciler, services.Time)),
        ];
        return WriteAsync(http, 200, documents, ApiJson.Default.SandboxDocumentArray);
    }

    private async Task CreateSandboxAsync(HttpContext http)
    {
        var request = await ReadAsync(http, ApiJson.Strict.CreateSandboxRequest);
        var options = OptionsOf(http);
        var change = await controller.CreateSandboxAsync(request, options, http.RequestAborted);
        await WriteAsync(http, options.IsDryRun ? 200 : 201, change, ApiJson.Default.ChangeDocument);
    }

    private async Task InspectSandboxAsync(HttpContext http)
    {
        var state = controller.State;
        var sandbox = Lookup.Sandbox(state, LastReferenceOf(http), out var refusal) ?? throw new RefusedException(refusal!);
        var (resolvConf, hosts) = await controller.FilesOfAsync(sandbox.Record);
        var document = Documents.Sandbox(state, sandbox, controller.Reconciler, services.Time);
        await WriteAsync(http, 200, document with { ResolvConf = resolvConf, Hosts = hosts }, ApiJson.Default.SandboxDocument);
    }

    private async Task RemoveSandboxAsync(HttpContext http)
    {
        var change = await controller.RemoveSandboxAsync(
            LastReferenceOf(http), RouteQuery.Flag(http, "force"), OptionsOf(http), http.RequestAborted);
        await WriteAsync(http, 200, change, ApiJson.Default.ChangeDocument);
    }

    private async Task ListPortsAsync(HttpContext http) =>
        await WriteAsync(http, 200, await services.Ports.OfAsync(controller.State, http.RequestAborted), ApiJson.Default.PortDocumentArray);

    private async Task EventsAsync(HttpContext http)
    {
        long? since = http.Request.Query.TryGetValue("since", out var text) ? long.Parse(text.ToString(), CultureInfo.InvariantCulture) : null; // judged already
        var isFollowing = !http.Request.Query.ContainsKey("follow") || RouteQuery.Flag(http, "follow");
        http.Response.ContentType = "application/x-ndjson";
        await http.Response.StartAsync(http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await foreach (var item in services.Events.ReadAsync(since, isFollowing, http.RequestAborted))
        {
            await JsonSerializer.SerializeAsync(http.Response.Body, item, ApiJson.Default.EventDocument, http.RequestAborted);
            await http.Response.Body.WriteAsync(s_newline, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private async Task PlansAsync(HttpContext http, Func<Reconciler, Task<ImmutableArray<ScopePlan>>> ask)
    {
        var plans = await ask(controller.Reconciler).WaitAsync(http.RequestAborted);
        await WriteAsync(http, 200, Documents.Plan(plans), ApiJson.Default.PlanDocument);
    }

    private async Task RepairAsync(HttpContext http)
    {
        var options = OptionsOf(http);
        if (options.IsDryRun)
        {
            await PlansAsync(http, static r => r.DiffAsync());
            return;
        }

        var plans = await RepairAsync(controller.Reconciler, options.Timeout).WaitAsync(http.RequestAborted);
        await WriteAsync(http, 200, Documents.Plan(plans) with { Left = LeftOf(plans) }, ApiJson.Default.PlanDocument);
    }

    // A scope that waits for one of these is not among them: it was as it is before.
    private ImmutableArray<string> LeftOf(ImmutableArray<ScopePlan> plans) =>
    [
        .. plans.Select(static p => p.Scope).Distinct().Order()
            .Select(scope => (Scope: scope, Status: controller.Reconciler.Statuses.GetValueOrDefault(scope)))
            .Where(static s => s.Status is { IsDone: false })
            .Select(static s => $"{s.Scope} is not as asked: {s.Status!.Reason ?? "still under way"}"), // checked above
    ];

    // Answers once what was found is mended too, also where not everything could be read: a caller who looks next sees it
    // as asked.
    private static async Task<ImmutableArray<ScopePlan>> RepairAsync(Reconciler reconciler, TimeSpan timeout)
    {
        try
        {
            return await reconciler.RepairAsync();
        }
        finally
        {
            try
            {
                await reconciler.QuietAsync().WaitAsync(timeout);
            }
            catch (TimeoutException)
            {
                // What is still under way says so in its status.
            }
        }
    }

    private async Task ExplainAsync(HttpContext http)
    {
        var document = await Explanation.OfAsync(
            controller.State, controller.Reconciler, LastReferenceOf(http), services.Time, http.RequestAborted);
        await WriteAsync(http, 200, document, ApiJson.Default.ExplainDocument);
    }

    private async Task DoctorAsync(HttpContext http) =>
        await WriteAsync(http, 200, await services.Doctor.CheckAsync(controller.State, http.RequestAborted), ApiJson.Default.DoctorDocument);

    private async Task MetricsAsync(HttpContext http)
    {
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await http.Response.WriteAsync(services.Metrics.Render(controller) + await services.Metrics.ClusterAsync(http.RequestAborted), http.RequestAborted);
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Api;

/// <summary>
/// The API over the unix socket. Every route of <see cref="ApiRoutes"/> is mapped here and nowhere else; what a route does
/// is the controller's. Errors leave as <see cref="ErrorDocument"/>, whatever happened.
/// </summary>
internal sealed partial class ApiServer(NetworkController controller, DaemonServices services)
{
    private const int BodyBytesMax = 1 << 20;
    private static readonly TimeSpan s_timeoutDefault = TimeSpan.FromSeconds(30);
    private static readonly object s_wrongQuery = new();

    private static readonly ImmutableArray<(string Method, TemplateMatcher Path)> s_routes =
        [.. ApiRoutes.All.Select(static r => (r.Method, new TemplateMatcher(TemplateParser.Parse(r.Path), [])))];

    /// <summary>How a socket is listened on.</summary>
    public static void Listen(ListenOptions options) => options.Protocols = HttpProtocols.Http1;

    /// <summary>Builds the server; it listens once started.</summary>
    /// <param name="bind">Gives it its socket.</param>
    /// <param name="logging">Where its own log goes.</param>
    public WebApplication Build(Action<KestrelServerOptions> bind, Action<ILoggingBuilder> logging)
    {
        // Empty: the other builders read appsettings.json of the current folder and watch all that is below it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "netd", Args = [] });
        logging(builder.Logging);
        _ = builder.Services.AddRoutingCore();

        // A request is read in the thread that waits for sockets, and goes on in the pool (Route).
        _ = builder.WebHost.UseKestrelCore().UseSockets(static s => s.UnsafePreferInlineScheduling = true);
        _ = builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            bind(kestrel);
        });
        _ = builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var app = builder.Build();
        Map(app);
        _ = app.MapFallback("{*path}", RefuseRouteAsync); // the default pattern leaves out what looks like a file
        return app;
    }

    private void Map(WebApplication app)
    {
        Route(app, "GET", "/v1/version", static (http, self) => WriteAsync(http, 200, self.Version(), ApiJson.Default.VersionDocument));
        Route(app, "GET", "/v1/info", static (http, self) => WriteAsync(http, 200, self.Info(), ApiJson.Default.InfoDocument));
        Route(app, "GET", "/v1/openapi.json", static (http, _) => WriteOpenApiAsync(http));
        Route(app, "GET", "/v1/networks", static (http, self) => self.ListNetworksAsync(http));
        Route(app, "POST", "/v1/networks", static (http, self) => self.CreateNetworkAsync(http), RouteWays.TellsAll);
        Route(app, "POST", "/v1/networks/prune", static (http, self) => self.PruneAsync(http));
        Route(app, "GET", "/v1/networks/{ref}", static (http, self) => self.InspectNetworkAsync(http));
        Route(app, "DELETE", "/v1/networks/{ref}", static (http, self) => self.RemoveNetworkAsync(http));
        Route(app, "PATCH", "/v1/networks/{ref}", static (http, self) => self.UpdateNetworkAsync(http), RouteWays.TellsAll);
        Route(app, "PATCH", "/v1/networks/{ref}/endpoint", static (http, self) => self.UpdateEndpointAsync(http), RouteWays.TellsAll);
        Route(app, "POST", "/v1/networks/{ref}/connect", static (http, self) => self.ConnectAsync(http), RouteWays.TellsAll | RouteWays.LeavesByItself);
        Route(app, "POST", "/v1/networks/{ref}/disconnect", static (http, self) => self.DisconnectAsync(http));
        Route(app, "GET", "/v1/sandboxes", static (http, self) => self.ListSandboxesAsync(http));
        Route(app, "POST", "/v1/sandboxes", static (http, self) => self.CreateSandboxAsync(http));
        Route(app, "GET", "/v1/sandboxes/{ref}", static (http, self) => self.InspectSandboxAsync(http));
        Route(app, "DELETE", "/v1/sandboxes/{ref}", static (http, self) => self.RemoveSandboxAsync(http));
        Route(app, "GET", "/v1/ports", static (http, self) => self.ListPortsAsync(http));
        Route(app, "GET", "/v1/ipam", static (http, self) => self.ListSubnetsAsync(http));
        Route(app, "GET", "/v1/ipam/networks/{ref}", static (http, self) => self.ListAddressesAsync(http));
        Route(app, "GET", "/v1/ipam/why", static (http, self) => self.WhyAddressAsync(http));
        Route(app, "GET", "/v1/dns", static (http, self) => self.ListNamesAsync(http));
        Route(app, "GET", "/v1/dns/query", static (http, self) => self.QueryNameAsync(http));
        Route(app, "GET", "/v1/dns/log", static (http, self) => self.LogNamesAsync(http));
        Route(app, "GET", "/v1/cluster", static (http, self) => self.ClusterStatusAsync(http));
        Route(app, "POST", "/v1/cluster/init", static (http, self) => self.InitClusterAsync(http));
        Route(app, "POST", "/v1/cluster/join", static (http, self) => self.JoinClusterAsync(http));
        Route(app, "POST", "/v1/cluster/leave", static (http, self) => self.LeaveClusterAsync(http));
        Route(app, "GET", "/v1/cluster/keys", static (http, self) => self.ListClusterKeysAsync(http));
        Route(app, "POST", "/v1/cluster/keys", static (http, self) => self.AddClusterKeyAsync(http));
        Route(app, "POST", "/v1/cluster/keys/{ref}/use", static (http, self) => self.UseClusterKeyAsync(http));
        Route(app, "DELETE", "/v1/cluster/keys/{ref}", static (http, self) => self.RemoveClusterKeyAsync(http));
        Route(app, "GET", "/v1/nodes", static (http, self) => self.ListNodesAsync(http));
        Route(app, "GET", "/v1/events", static (http, self) => self.EventsAsync(http));
        Route(app, "GET", "/v1/plan", static (http, self) => self.PlansAsync(http, static r => r.PendingAsync()));
        Route(app, "GET", "/v1/diff", static (http, self) => self.PlansAsync(http, static r => r.DiffAsync()));
        Route(app, "POST", "/v1/repair", static (http, self) => self.RepairAsync(http));
        Route(app, "PUT", "/v1/firewall", static (http, self) => self.SetFirewallAsync(http));
        Route(app, "GET", "/v1/explain/{ref}", static (http, self) => self.ExplainAsync(http));
        Route(app, "GET", "/v1/doctor", static (http, self) => self.DoctorAsync(http));
        Route(app, "GET", "/metrics", static (http, self) => self.MetricsAsync(http));
    }

    // No request stays in the thread that reads the sockets of all of them: it goes to the pool, or leaves by itself before it
    // can wait for anything, which saves the way through the pool.
    private void Route(IEndpointRouteBuilder app, string method, string path, Func<HttpContext, ApiServer, Task> handle, RouteWays ways = RouteWays.None)
    {
        var query = RouteQuery.Of(method, path);
        _ = app.MapMethods(path, [method], (RequestDelegate)(http => GuardAsync(http, handle, query, ways)));
    }

    // The API boundary: whatever a request ends in, the caller gets a document that says what to do.
    private async Task GuardAsync(HttpContext http, Func<HttpContext, ApiServer, Task> handle, RouteQuery query, RouteWays ways)
    {
        if (!ways.HasFlag(RouteWays.LeavesByItself))
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        try
        {
            services.Metrics.CountRequest();
            if (http.Request.QueryString.HasValue && query.Judge(http.Request.Query) is { Count: > 0 } wrong)
            {
                http.Items[s_wrongQuery] = ways.HasFlag(RouteWays.TellsAll) ? wrong : throw new RefusedException(Refusal.Wrong(wrong));
            }

            await handle(http, this);
        }
        catch (RefusedException e)
        {
            await WriteAsync(http, e.Refusal.HttpStatus, e.Refusal.ToDocument(), ApiJson.Default.ErrorDocument);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested || services.Stopping.IsCancellationRequested)
        {
            // The caller has gone, or we are going: nobody reads an answer.
        }
        catch (KernelException e)
        {
            await WriteAsync(http, 500, new ErrorDocument { Code = "kernel.refused", Message = e.Message, Hint = "netctl doctor checks this host" }, ApiJson.Default.ErrorDocument);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            Log.RequestFailed(services.Logger, http.Request.Method, http.Request.Path, e.Message, e);
            await WriteAsync(http, 500, new ErrorDocument { Code = "daemon.failed", Message = $"{e.GetType().Name}: {e.Message}", Hint = "this is a mistake of netd; its log has the details" }, ApiJson.Default.ErrorDocument);
        }
    }

    private static async Task WriteAsync<T>(HttpContext http, int status, T document, JsonTypeInfo<T> type)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document, type);
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    // A request that must be right before anything of it is looked at.
    private static async Task<T> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : class
    {
        var problems = new List<Problem>();
        var request = await ReadBodyAsync(http, type, problems);
        return problems.Count == 0 ? request! : throw new RefusedException(Refusal.Wrong(problems)); // without a problem there is one
    }

    // One of which everything that is wrong is told at once: what of it could be read, and how to serve it.
    private static async Task<(T Request, RequestOptions Options)> ReadAllAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : class
    {
        var problems = http.Items.TryGetValue(s_wrongQuery, out var wrong) ? (List<Problem>)wrong! : []; // put there by the guard
        var request = await ReadBodyAsync(http, type, problems);
        return request is null ? throw new RefusedException(Refusal.Wrong(problems)) : (request, OptionsOf(http) with { Malformed = [.. problems] });
    }

    // As a rule all of it came with the headers; Kestrel bounds its length.
    private static async ValueTask<T?> ReadBodyAsync<T>(HttpContext http, JsonTypeInfo<T> type, List<Problem> problems)
        where T : class
    {
        var reader = http.Request.BodyReader;
        try
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            while (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await reader.ReadAsync(http.RequestAborted);
            }

            try
            {
                return RequestBody.Read(read.Buffer.IsSingleSegment ? read.Buffer.First : read.Buffer.ToArray(), type, problems);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            throw new RefusedException(Refusal.Of(e.StatusCode, "request.http", null, e.Message, "GET /v1/openapi.json describes the requests"));
        }
    }

    private static RequestOptions OptionsOf(HttpContext http) =>
        new(RouteQuery.Flag(http, "dryRun"), RouteQuery.Timeout(http) ?? s_timeoutDefault);

    private static string ReferenceOf(HttpContext http) => (string)http.Request.RouteValues["ref"]!; // the route has it

    // A reference that ends the path and may hold a slash. The server has unescaped everything but that, so that an escaped "%2F" is not
    // to be told from one; the target as it came is.
    private static string LastReferenceOf(HttpContext http) =>
        Uri.UnescapeDataString(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0].TrimEnd('/').Split('/')[^1]);

    private static Task RefuseRouteAsync(HttpContext http)
    {
        string[] methods = [.. s_routes.Where(r => r.Path.TryMatch(http.Request.Path, [])).Select(static r => r.Method).Distinct().Order(StringComparer.Ordinal)];
        if (methods.Length == 0)
        {
            return WriteAsync(http, 404, Unknown($"there is no {http.Request.Method} {http.Request.Path}", "route.unknown"), ApiJson.Default.ErrorDocument);
        }

        var allowed = string.Join(", ", methods);
        http.Response.Headers.Allow = allowed;
        return WriteAsync(http, 405, Unknown($"{http.Request.Path} takes {allowed}, not {http.Request.Method}", "route.method"), ApiJson.Default.ErrorDocument);

        static ErrorDocument Unknown(string message, string code) => new() { Code = code, Message = message, Hint = "GET /v1/openapi.json lists the routes" };
    }

    private static async Task WriteOpenApiAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        await using var document = Assembly.GetExecutingAssembly().GetManifestResourceStream("openapi.json")!; // embedded by the project
        await document.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private VersionDocument Version() => new()
    {
        Version = services.Version,
        Runtime = Environment.Version.ToString(),
        Kernel = services.KernelRelease,
    };

    private InfoDocument Info() => new()
    {
        InstanceId = controller.State.Node.InstanceId,
        Version = services.Version,
        Kernel = services.KernelRelease,
        StateDirectory = services.Paths.StateDirectory,
        RunDirectory = services.Paths.RunDirectory,
        Firewall = controller.State.Firewall.ToString(),
        Drivers = [.. services.Drivers.Order(StringComparer.Ordinal)],
        Networks = controller.State.MadeNetworks,
        Sandboxes = controller.State.Sandboxes.Count,
        Endpoints = controller.State.Endpoints.Count,
        ProcessId = Environment.ProcessId,
        Started = services.Started,
    };
}

/// <summary>What is special about serving a route.</summary>
[Flags]
internal enum RouteWays
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It leaves the thread that reads the sockets by itself.</summary>
    LeavesByItself = 1,

    /// <summary>What is wrong with its query and body is told with whatever else is wrong.</summary>
    TellsAll = 2,
}

/// <summary>What the API needs besides the controller.</summary>
internal sealed record DaemonServices(
    string Version,
    string KernelRelease,
    DateTimeOffset Started,
    NodePaths Paths,
    ImmutableArray<string> Drivers,
    Events.EventLog Events,
    Metrics.DaemonMetrics Metrics,
    Diagnosis.Doctor Doctor,
    Ports.PortReport Ports,
    Cluster.ClusterKeeper Cluster,
    Cluster.RingKeeper Ring,
    TimeProvider Time,
    ILogger Logger,
    CancellationToken Stopping);

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>The daemon's API over its unix socket. A refusal is an exception with the daemon's own document.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _http;

    public Api(string socket) => _http = new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://netd"),
        Timeout = TimeSpan.FromSeconds(60),
    };

    public Task<VersionDocument> VersionAsync() => SendAsync(HttpMethod.Get, "/v1/version", null, ApiJson.Default.VersionDocument);

    public Task<InfoDocument> InfoAsync() => SendAsync(HttpMethod.Get, "/v1/info", null, ApiJson.Default.InfoDocument);

    /// <summary>The networks that were made: without those that are always there.</summary>
    public async Task<NetworkDocument[]> NetworksAsync() =>
        [.. (await SendAsync(HttpMethod.Get, "/v1/networks", null, ApiJson.Default.NetworkDocumentArray)).Where(static n => n.Driver is not ("host" or "none"))];

    public Task<SandboxDocument[]> SandboxesAsync() => SendAsync(HttpMethod.Get, "/v1/sandboxes", null, ApiJson.Default.SandboxDocumentArray);

    public Task<PlanDocument> DiffAsync() => SendAsync(HttpMethod.Get, "/v1/diff", null, ApiJson.Default.PlanDocument);

    public Task<PlanDocument> PendingAsync() => SendAsync(HttpMethod.Get, "/v1/plan", null, ApiJson.Default.PlanDocument);

    public Task<ChangeDocument> DoAsync(ApiCall call, bool isDryRun = false) => SendAsync(
        call.Method, call.Path + (isDryRun ? $"{(call.Path.Contains('?') ? '&' : '?')}dryRun=true" : string.Empty), call.Body, ApiJson.Default.ChangeDocument);

    /// <summary>The counters and gauges, those with labels left out.</summary>
    public async Task<IReadOnlyDictionary<string, double>> MetricsAsync()
    {
        var text = await _http.GetStringAsync("/metrics");
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static l => l[0] != '#' && !l.Contains('{'))
            .Select(static l => l.Split(' '))
            .ToDictionary(static w => w[0], static w => double.Parse(w[1], CultureInfo.InvariantCulture));
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, string? body, JsonTypeInfo<T> type)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonSerializer.Deserialize(text, type)!
            : throw new ApiRefusedException(response.StatusCode, $"{method} {path} {body}: {(int)response.StatusCode} {text}");
    }
}

/// <summary>One request that changes something.</summary>
internal sealed record ApiCall(HttpMethod Method, string Path, string? Body)
{
    public static ApiCall Create(CreateNetworkRequest request) =>
        new(HttpMethod.Post, "/v1/networks", JsonSerializer.Serialize(request, ApiJson.Default.CreateNetworkRequest));

    public static ApiCall Remove(string network, bool isForced = false) => new(HttpMethod.Delete, $"/v1/networks/{network}{Force(isForced)}", null);

    public static ApiCall Connect(string network, ConnectRequest request) =>
        new(HttpMethod.Post, $"/v1/networks/{network}/connect", JsonSerializer.Serialize(request, ApiJson.Default.ConnectRequest));

    public static ApiCall Disconnect(string network, string sandbox) =>
        new(HttpMethod.Post, $"/v1/networks/{network}/disconnect", JsonSerializer.Serialize(new DisconnectRequest { Sandbox = sandbox }, ApiJson.Default.DisconnectRequest));

    public static ApiCall Update(string network, UpdateNetworkRequest request) =>
        new(HttpMethod.Patch, $"/v1/networks/{network}", JsonSerializer.Serialize(request, ApiJson.Default.UpdateNetworkRequest));

    public static ApiCall UpdateEndpoint(string network, UpdateEndpointRequest request) =>
        new(HttpMethod.Patch, $"/v1/networks/{network}/endpoint", JsonSerializer.Serialize(request, ApiJson.Default.UpdateEndpointRequest));

    public static ApiCall CreateSandbox(string name) =>
        new(HttpMethod.Post, "/v1/sandboxes", JsonSerializer.Serialize(new CreateSandboxRequest { Name = name }, ApiJson.Default.CreateSandboxRequest));

    public static ApiCall RemoveSandbox(string name, bool isForced = false) => new(HttpMethod.Delete, $"/v1/sandboxes/{Uri.EscapeDataString(name)}{Force(isForced)}", null);

    public override string ToString() => $"{Method} {Path} {Body}";

    private static string Force(bool isForced) => isForced ? "?force=true" : string.Empty;
}

/// <summary>The daemon answered, and said no.</summary>
internal sealed class ApiRefusedException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;
}

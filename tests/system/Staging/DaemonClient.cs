using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model.Api;

namespace Networking.Daemon.Tests.Staging;

/// <summary>HTTP to the daemon's socket, with the API's documents.</summary>
internal sealed class DaemonClient(string socketPath) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://netd"),
        Timeout = TimeSpan.FromSeconds(60),
    };

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        using var response = await _http.SendAsync(request, Eventually.Cancel);
        return new Answer($"{method} {path}", (int)response.StatusCode, await response.Content.ReadAsStringAsync(Eventually.Cancel))
        {
            Allow = response.Content.Headers.Allow is { Count: > 0 } methods ? string.Join(", ", methods) : null,
        };
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> CreateAsync(CreateNetworkRequest request, string query = "") =>
        PostAsync($"/v1/networks{query}", request, ApiJson.Default.CreateNetworkRequest);

    public Task<Answer> ConnectAsync(string network, ConnectRequest request, string query = "") =>
        PostAsync($"/v1/networks/{network}/connect{query}", request, ApiJson.Default.ConnectRequest);

    public Task<Answer> DisconnectAsync(string network, string sandbox, string query = "") => PostAsync(
        $"/v1/networks/{network}/disconnect{query}", new DisconnectRequest { Sandbox = sandbox }, ApiJson.Default.DisconnectRequest);

    public Task<Answer> CreateSandboxAsync(string name) =>
        PostAsync("/v1/sandboxes", new CreateSandboxRequest { Name = name }, ApiJson.Default.CreateSandboxRequest);

    public Task<Answer> RemoveAsync(string network, bool isForced = false) =>
        SendAsync(HttpMethod.Delete, $"/v1/networks/{network}{Force(isForced)}");

    public Task<Answer> RemoveSandboxAsync(string sandbox, bool isForced = false) =>
        SendAsync(HttpMethod.Delete, $"/v1/sandboxes/{Uri.EscapeDataString(sandbox)}{Force(isForced)}");

    public async Task<NetworkDocument> NetworkAsync(string network) =>
        (await GetAsync($"/v1/networks/{network}")).As(ApiJson.Default.NetworkDocument);

    public async Task<SandboxDocument[]> SandboxesAsync() => (await GetAsync("/v1/sandboxes")).As(ApiJson.Default.SandboxDocumentArray);

    /// <summary>What the daemon finds different in the kernel, read afresh.</summary>
    public async Task<PlanDocument> DiffAsync() => (await GetAsync("/v1/diff")).As(ApiJson.Default.PlanDocument);

    /// <summary>The remembered events after a number.</summary>
    public async Task<EventDocument[]> EventsAsync(long since = 0)
    {
        var answer = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/events?since={since}&follow=false"));
        Assert.True(answer.IsDone, answer.ToString());
        return
        [
            .. answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => JsonSerializer.Deserialize(line, ApiJson.Default.EventDocument)!), // each line is an object
        ];
    }

    public void Dispose() => _http.Dispose();

    private static string Force(bool isForced) => isForced ? "?force=true" : string.Empty;

    private Task<Answer> PostAsync<T>(string path, T request, JsonTypeInfo<T> type) =>
        SendAsync(HttpMethod.Post, path, JsonSerializer.Serialize(request, type));
}

using System.Text.Json;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Api;

/// <summary>Routes of names.</summary>
internal sealed partial class ApiServer
{
    private Task ListNamesAsync(HttpContext http) =>
        WriteAsync(http, 200, [.. controller.ListNames(Asked(http, "sandbox"))], ApiJson.Default.DnsNameDocumentArray);

    private async Task QueryNameAsync(HttpContext http)
    {
        if (Asked(http, "sandbox") is not { } sandbox || Asked(http, "name") is not { } name)
        {
            throw new RefusedException(Refusal.Of(
                400, "dns.missing", null, "sandbox or name is not said", "GET /v1/dns/query?sandbox=SANDBOX&name=NAME, and type=AAAA for another type than A"));
        }

        await WriteAsync(http, 200, await controller.QueryNameAsync(sandbox, name, Asked(http, "type") ?? "A"), ApiJson.Default.DnsAnswerDocument);
    }

    private async Task LogNamesAsync(HttpContext http)
    {
        if (Asked(http, "sandbox") is not { } sandbox)
        {
            throw new RefusedException(Refusal.Of(400, "dns.missing", null, "sandbox is not said", "GET /v1/dns/log?sandbox=SANDBOX"));
        }

        var entries = controller.LogNamesAsync(sandbox, http.RequestAborted); // refused before anything is sent
        http.Response.ContentType = "application/x-ndjson";
        await http.Response.StartAsync(http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, services.Stopping);
        await foreach (var entry in entries.WithCancellation(ending.Token))
        {
            await JsonSerializer.SerializeAsync(http.Response.Body, entry, ApiJson.Default.DnsLogDocument, http.RequestAborted);
            await http.Response.Body.WriteAsync(s_newline, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private static string? Asked(HttpContext http, string key) =>
        http.Request.Query.TryGetValue(key, out var values) && values.Count == 1 && values[0] is { Length: > 0 } value ? value : null;
}

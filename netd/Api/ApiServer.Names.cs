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

    private static string? Asked(HttpContext http, string key) =>
        http.Request.Query.TryGetValue(key, out var values) && values.Count == 1 && values[0] is { Length: > 0 } value ? value : null;
}

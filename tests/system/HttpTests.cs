using System.Net.Sockets;
using System.Text;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Bytes that no client of ours would send, and clients that are slow or go away.</summary>
/// <remarks>
/// <code>
///   client ── unix socket ── netd
/// </code>
/// </remarks>
public sealed class HttpTests(SharedStage shared) : SharedStageTests(shared)
{
    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("42")]
    [InlineData("{\"name\":5}")]
    [InlineData("{\"name\":null}")]
    [InlineData("{\"name\":\"x\",\"subnets\":\"10.0.0.0/8\"}")]
    [InlineData("{\"name\":\"x\",\"subnets\":[null]}")]
    [InlineData("{\"name\":\"x\",\"options\":{\"icc\":null}}")]
    [InlineData("{\"name\":\"x\",\"nosuchfield\":1}")]
    [InlineData("{\"name\":\"x\"} trailing")]
    [InlineData("{\"name\":\"x\",\"name\":\"y\",\"internal\":\"yes\"}")]
    public async Task A_body_that_is_no_request_is_refused(string body)
    {
        var before = await Stage.SnapshotAsync();
        var error = (await Stage.Api.SendAsync(HttpMethod.Post, "/v1/networks", body)).Refused(400);
        Assert.NotEqual("daemon.failed", error.Code);
        Assert.Equal(before, await Stage.SnapshotAsync());
    }

    [Theory]
    [InlineData("{\"name\":\"x\",\"nosuchfield\":1}", "request.unknown nosuchfield: there is no field 'nosuchfield' in this request")]
    [InlineData("{\"name\":\"x\",\"subnet\":[]}", "request.unknown subnet: there is no field 'subnet' in this request")]
    [InlineData("{\"name\":5}", "request.type name: name is the number 5, and a text is wanted")]
    [InlineData("{\"name\":null,\"driver\":null,\"ipv6\":null}", "request.type name: name is null, and a text is wanted")]
    [InlineData("{\"name\":\"x\",\"subnets\":\"10.0.0.0/8\"}", "request.type subnets: subnets is the text '10.0.0.0/8', and a list of texts is wanted")]
    [InlineData("{\"name\":\"x\",\"subnets\":[\"10.5.0.0/24\",{}]}", "request.type subnets[1]: subnets[1] is an object, and a text is wanted")]
    [InlineData("{\"name\":\"x\",\"options\":{\"icc\":true}}", "request.type options.icc: options.icc is true, and a text is wanted")]
    [InlineData("{\"name\":\"x\",\"options\":{\"icc\":\"true\",\"icc\":\"false\"}}", "request.twice options.icc: options.icc is given twice")]
    [InlineData("{\"name\":\"x\",\"name\":\"x\"}", "request.twice name: name is given twice")]
    [InlineData("{\"name\":\"x\",\"internal\":\"yes\"}", "request.type internal: internal is the text 'yes', and true or false is wanted")]
    [InlineData("{\"name\":\"\\ud800\"}", "request.json : the request is no JSON")]
    [InlineData("{\"name\":\"x\",}", "request.json : the request is no JSON")]
    [InlineData("[]", "request.type : the request is a list, and an object is wanted")]
    public async Task A_wrong_field_is_named_with_what_is_there_and_what_is_wanted(string body, string told)
    {
        var problem = Assert.Single((await Stage.Api.SendAsync(HttpMethod.Post, "/v1/networks", body)).Refused(400).Details);
        Assert.StartsWith(told, $"{problem.Code} {problem.Field}: {problem.Message}", StringComparison.Ordinal);
        Assert.NotNull(problem.Hint);
    }

    [Fact]
    public async Task What_can_be_read_beside_wrong_fields_is_judged_with_them()
    {
        _ = await Stage.NetworkAsync("there", "10.187.0.0/24");
        var before = await Stage.SnapshotAsync();
        const string body = """{"name":"there","driver":"bridge","subnets":["10.188.0.0/24",5],"options":{"icc":"perhaps"},"internal":"yes","label":{}}""";
        var error = (await Stage.Api.SendAsync(HttpMethod.Post, "/v1/networks?dryrunn=true&timeout=0", body)).Refused(400);
        string[] expected = ["query.unknown", "timeout.invalid", "request.type", "request.type", "request.unknown", "option.value", "network.exists"];
        Assert.Equal(expected, error.Details.Select(static p => p.Code));
        error = (await Stage.Api.SendAsync(HttpMethod.Post, "/v1/networks/there/connect", """{"sandbox":7,"ip":"10.189.0.9","publish":["0:1"],"mac":["x"]}""")).Refused(400);
        Assert.Equal(["request.type", "request.type", "publish.port", "address.outside"], error.Details.Select(static p => p.Code));
        Assert.Equal(before, await Stage.SnapshotAsync());
        _ = (await Stage.Api.RemoveAsync("there")).Change();
    }

    [Theory]
    [InlineData("GET", "/v1/networks?all=true", "query.unknown", "it takes none")]
    [InlineData("DELETE", "/v1/networks/x?forse=true", "query.unknown", "did you mean force?")]
    [InlineData("POST", "/v1/networks/prune?dryRun=true&dryRun=false", "query.twice", "give it once")]
    [InlineData("POST", "/v1/repair?dryRun=maybe", "flag.invalid", "dryRun=true")]
    [InlineData("GET", "/v1/events?since=x", "since.invalid", "sequence")]
    public async Task A_query_that_a_route_does_not_take_is_refused(string method, string path, string code, string hint)
    {
        var problem = Assert.Single((await Stage.Api.SendAsync(new HttpMethod(method), path)).Refused(400).Details);
        Assert.Equal(code, problem.Code);
        Assert.Contains(hint, problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_and_oversize_bodies_are_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5000);
        _ = (await Stage.Api.SendAsync(HttpMethod.Post, "/v1/networks", deep)).Refused(400);
        using var client = await OpenAsync();
        _ = await client.SendAsync("POST /v1/networks HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000000\r\n\r\n{"u8.ToArray(), Eventually.Cancel);
        using var timer = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var buffer = new byte[4096];
        var answer = Encoding.ASCII.GetString(buffer, 0, await client.ReceiveAsync(buffer, timer.Token));
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        await AssertServesAsync();
    }

    [Fact]
    public async Task Unknown_routes_and_bad_queries_are_refused_with_a_document()
    {
        _ = (await Stage.Api.GetAsync("/v1/nothing")).Refused(404);
        _ = (await Stage.Api.GetAsync("/v2/networks")).Refused(404);
        _ = (await Stage.Api.GetAsync("/v1/nothing.json")).Refused(404);
        foreach (var path in new[] { "/v1/events?since=-1", "/v1/events?since=x", "/v1/events?since=99999999999999999999", "/v1/events?follow=perhaps&since=0" })
        {
            _ = (await Stage.Api.GetAsync(path)).Refused(400);
        }

        foreach (var timeout in new[] { "0", "301", "NaN", "-1", "x", "1e400" })
        {
            _ = (await Stage.Api.CreateAsync(new CreateNetworkRequest { Name = "x" }, $"?timeout={timeout}")).Refused(400);
        }

        Assert.Equal(404, (await Stage.Api.GetAsync("/v1/networks/x")).Status);
        Assert.InRange((await Stage.Api.GetAsync("/v1/networks/%00%ff..%2f..%2fetc")).Status, 400, 404);
    }

    [Theory]
    [InlineData("PUT", "/v1/networks", "GET, POST")]
    [InlineData("PUT", "/v1/networks/x", "DELETE, GET, PATCH")]
    [InlineData("PUT", "/v1/networks/prune", "DELETE, GET, PATCH, POST")] // a network may have that name
    [InlineData("GET", "/v1/networks/x/connect", "POST")]
    [InlineData("GET", "/v1/repair", "POST")]
    [InlineData("DELETE", "/v1/openapi.json", "GET")]
    [InlineData("POST", "/metrics?x=1", "GET")]
    public async Task A_method_that_a_route_does_not_take_is_refused_with_those_it_takes(string method, string path, string allowed)
    {
        var answer = await Stage.Api.SendAsync(new HttpMethod(method), path);
        var error = answer.Refused(405);
        Assert.Equal("route.method", error.Code);
        Assert.Contains(allowed, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Hint);
        Assert.Equal(allowed, answer.Allow);
    }

    [Theory]
    [InlineData("\0\0\0\0\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("POST /v1/networks HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("POST /v1/networks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task Bytes_that_are_no_http_end_the_connection_and_nothing_else(string bytes)
    {
        using var client = await OpenAsync();
        _ = await client.SendAsync(Encoding.ASCII.GetBytes(bytes), Eventually.Cancel);
        using var timer = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var buffer = new byte[4096];
        var count = await client.ReceiveAsync(buffer, timer.Token);
        Assert.True(count == 0 || Encoding.ASCII.GetString(buffer, 0, count).StartsWith("HTTP/1.1 ", StringComparison.Ordinal));
        await AssertServesAsync();
    }

    [Fact]
    public async Task Clients_that_stop_half_way_do_not_hold_up_others()
    {
        var clients = new List<Socket>();
        try
        {
            while (clients.Count < 100)
            {
                var client = await OpenAsync();
                clients.Add(client);
                _ = await client.SendAsync(Encoding.ASCII.GetBytes("POST /v1/networks HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"name\":"), Eventually.Cancel);
            }

            await AssertServesAsync();
        }
        finally
        {
            clients.ForEach(static c => c.Dispose());
        }

        await AssertServesAsync();
        Assert.Equal(["host", "none"], (await Stage.Api.GetAsync("/v1/networks")).As(ApiJson.Default.NetworkDocumentArray).Select(static n => n.Name));
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_leaves_a_whole_network_or_none()
    {
        foreach (var round in Enumerable.Range(0, 10))
        {
            using var client = await OpenAsync();
            var body = $"{{\"name\":\"gone{round}\",\"subnets\":[\"10.184.{round}.0/24\"]}}";
            _ = await client.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/networks HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"), Eventually.Cancel);
        }

        await AssertServesAsync();
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(5),
            async () => (await Stage.Api.GetAsync("/v1/networks")).As(ApiJson.Default.NetworkDocumentArray).All(static n => n.Status.State == "done"),
            async () => (await Stage.Api.GetAsync("/v1/networks")).Text);
        await Stage.AssertNothingDiffersAsync();
        _ = await Stage.Api.SendAsync(HttpMethod.Post, "/v1/networks/prune");
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), async () => await Stage.Host.LinksAsync() is ["uplink"], Stage.Host.SightAsync);
    }

    [Fact]
    public async Task A_reader_of_events_that_never_reads_does_not_hold_up_the_daemon()
    {
        using var reader = await OpenAsync();
        _ = await reader.SendAsync("GET /v1/events?since=0 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Eventually.Cancel);
        foreach (var round in Enumerable.Range(0, 30))
        {
            _ = (await Stage.Api.CreateSandboxAsync($"mute{round}")).Change();
            _ = (await Stage.Api.RemoveSandboxAsync($"mute{round}")).Change();
        }

        await AssertServesAsync();
    }

    private async Task AssertServesAsync() => Assert.Equal(200, (await Stage.Api.GetAsync("/v1/info")).Status);

    private async Task<Socket> OpenAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Stage.SocketPath), Eventually.Cancel);
        return socket;
    }
}

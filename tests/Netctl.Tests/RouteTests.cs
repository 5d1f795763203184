using System.Text.RegularExpressions;
using Networking.Model.Api;
using Networking.Netctl.Tests.Infrastructure;
using Networking.Netctl.Verbs;

namespace Networking.Netctl.Tests;

/// <summary>Every verb asks what the contract says, and every route of the contract has its verb.</summary>
public sealed class RouteTests
{
    // What programs alone read.
    private static readonly string[] NotForVerbs = ["/v1/openapi.json", "/metrics"];

    public static TheoryData<string, string> Verbs => new()
    {
        { "create web", "POST /v1/networks" },
        { "create web --dry-run --timeout 2m", "POST /v1/networks?dryRun=true&timeout=120" },
        { "ls", "GET /v1/networks" },
        { "inspect web", "GET /v1/networks/web" },
        { "inspect a/b?c", "GET /v1/networks/a%2Fb%3Fc" },
        { "update web -o icc=false", "PATCH /v1/networks/web" },
        { "update web --undo --dry-run", "PATCH /v1/networks/web?dryRun=true" },
        { "update web c1 -p 8080:80", "PATCH /v1/networks/web/endpoint" },
        { "ports", "GET /v1/ports" },
        { "rm web", "DELETE /v1/networks/web" },
        { "rm --force web --timeout 5s", "DELETE /v1/networks/web?timeout=5&force=true" },
        { "prune", "POST /v1/networks/prune" },
        { "prune --dry-run", "POST /v1/networks/prune?dryRun=true" },
        { "connect web c1", "POST /v1/networks/web/connect" },
        { "connect web c1 --dry-run", "POST /v1/networks/web/connect?dryRun=true" },
        { "disconnect web c1", "POST /v1/networks/web/disconnect" },
        { "disconnect -f web c1", "POST /v1/networks/web/disconnect?force=true" },
        { "sandbox create c1", "POST /v1/sandboxes" },
        { "sandbox ls", "GET /v1/sandboxes" },
        { "sandbox inspect c1", "GET /v1/sandboxes/c1" },
        { "sandbox inspect /run/netns/x", "GET /v1/sandboxes/%2Frun%2Fnetns%2Fx" },
        { "sandbox rm c1 --force", "DELETE /v1/sandboxes/c1?force=true" },
        { "sandbox exec c1 -- true", "GET /v1/sandboxes/c1" },
        { "ipam ls", "GET /v1/ipam" },
        { "ipam ls web", "GET /v1/ipam/networks/web" },
        { "ipam why 10.20.0.2", "GET /v1/ipam/why?address=10.20.0.2" },
        { "ipam why fd00::/64", "GET /v1/ipam/why?address=fd00%3A%3A%2F64" },
        { "dns ls", "GET /v1/dns" },
        { "dns ls --sandbox c1", "GET /v1/dns?sandbox=c1" },
        { "dns query web --sandbox c1", "GET /v1/dns/query?sandbox=c1&name=web&type=A" },
        { "dns query a/b?c --sandbox c1 -t srv", "GET /v1/dns/query?sandbox=c1&name=a%2Fb%3Fc&type=srv" },
        { "dns log --sandbox c1", "GET /v1/dns/log?sandbox=c1" },
        { "cluster init --dry-run", "POST /v1/cluster/init?dryRun=true" },
        { "cluster join 192.0.2.1", "POST /v1/cluster/join" },
        { "cluster leave", "POST /v1/cluster/leave" },
        { "cluster status", "GET /v1/cluster" },
        { "cluster keys ls", "GET /v1/cluster/keys" },
        { "cluster keys ls --secrets", "GET /v1/cluster/keys?secrets=true" },
        { "cluster keys add", "POST /v1/cluster/keys" },
        { "cluster keys use 12ab", "POST /v1/cluster/keys/12ab/use" },
        { "cluster keys rm 12ab --dry-run", "DELETE /v1/cluster/keys/12ab?dryRun=true" },
        { "node ls", "GET /v1/nodes" },
        { "events", "GET /v1/events" },
        { "events --since 5 --follow=false", "GET /v1/events?since=5&follow=false" },
        { "events --follow=false", "GET /v1/events?since=0&follow=false" },
        { "plan", "GET /v1/plan" },
        { "diff", "GET /v1/diff" },
        { "repair", "POST /v1/repair" },
        { "repair --dry-run", "POST /v1/repair?dryRun=true" },
        { "firewall iptables --dry-run", "PUT /v1/firewall?dryRun=true" },
        { "explain web", "GET /v1/explain/web" },
        { "doctor", "GET /v1/doctor" },
        { "version", "GET /v1/version" },
        { "info", "GET /v1/info" },
    };

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_verb_asks_its_route(string line, string expected)
    {
        await using var server = Samples.Serve();
        await Run.InProcessAsync(server.Path, line.Split(' '));
        var request = Assert.Single(server.Requests);
        Assert.Equal(expected, $"{request.Method} {request.Target}");
    }

    [Fact]
    public void Every_route_has_a_verb()
    {
        var asked = Verbs.Select(row => row.Data.Item2.Split('?')[0]).ToArray();
        var missing = ApiRoutes.All
            .Where(route => !NotForVerbs.Contains(route.Path))
            .Where(route => !asked.Any(request => Pattern(route).IsMatch(request)))
            .Select(route => $"{route.Method} {route.Path}");
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_verb_that_asks_is_in_the_list_above()
    {
        var words = Verbs.Select(row => row.Data.Item1.Split(' ')[0]).ToHashSet();
        var untested = VerbTable.Verbs.Select(verb => verb.Name)
            .Except(words).Except(["completion", "complete"]); // they ask for names only, see CompletionTests
        Assert.Empty(untested);
    }

    [Fact]
    public async Task A_reference_that_is_dots_reaches_no_route()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, ["rm", ".."]);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Empty(server.Requests);
    }

    private static Regex Pattern(ApiRoute route) =>
        new($"^{route.Method} {Regex.Escape(route.Path).Replace("\\{ref}", "[^/]+", StringComparison.Ordinal)}$");
}

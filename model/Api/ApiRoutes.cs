using System.Collections.Immutable;

namespace Networking.Model.Api;

/// <summary>One route of the API.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path with <c>{ref}</c> for an id, a unique id prefix or a name.</param>
/// <param name="Summary">What it does, a sentence.</param>
public sealed record ApiRoute(string Method, string Path, string Summary);

/// <summary>
/// Every route of the daemon. <c>netctl</c> uses nothing else; a test holds this list, the daemon's routes and the
/// committed OpenAPI document against each other. Mutating routes take <c>?dryRun=true</c> (answer: the plan, nothing
/// done) and <c>?timeout=SECONDS</c> (1–300, default 30: how long to wait for the kernel before answering pending).
/// </summary>
public static class ApiRoutes
{
    /// <summary>All routes.</summary>
    public static ImmutableArray<ApiRoute> All { get; } =
    [
        new("GET", "/v1/version", "Versions of daemon, API, runtime and kernel."),
        new("GET", "/v1/info", "The daemon and what it holds."),
        new("GET", "/v1/openapi.json", "This API as an OpenAPI document."),
        new("GET", "/v1/networks", "All networks."),
        new("POST", "/v1/networks", "Creates a network."),
        new("POST", "/v1/networks/prune", "Removes every network without endpoints."),
        new("GET", "/v1/networks/{ref}", "One network with its endpoints."),
        new("DELETE", "/v1/networks/{ref}", "Removes a network; ?force=true takes its endpoints along."),
        new("PATCH", "/v1/networks/{ref}", "Changes a network under its endpoints, or undoes the last change."),
        new("PATCH", "/v1/networks/{ref}/endpoint", "Publishes further ports of an endpoint, takes others back, and says whom its sandbox asks for names."),
        new("POST", "/v1/networks/{ref}/connect", "Gives a sandbox an endpoint on the network."),
        new("POST", "/v1/networks/{ref}/disconnect", "Takes an endpoint away; ?force=true also if its sandbox cannot be reached."),
        new("GET", "/v1/sandboxes", "All sandboxes."),
        new("POST", "/v1/sandboxes", "Creates a sandbox kept by the daemon."),
        new("GET", "/v1/sandboxes/{ref}", "One sandbox with its endpoints."),
        new("DELETE", "/v1/sandboxes/{ref}", "Removes a sandbox; ?force=true takes its endpoints along."),
        new("GET", "/v1/ports", "Published ports, who can reach them, and which rule of others says otherwise."),
        new("GET", "/v1/ipam", "Pools and subnets, with how much of each is in use."),
        new("GET", "/v1/ipam/networks/{ref}", "The addresses of one network that are not free, with their owners."),
        new("GET", "/v1/ipam/why", "Who holds ?address=ADDRESS or PREFIX, and what of the host stands in its way."),
        new("GET", "/v1/dns", "Names that resolve, of all networks, or with ?sandbox=SANDBOX those that it sees."),
        new("GET", "/v1/dns/query", "What the resolver of ?sandbox=SANDBOX answers to ?name=NAME and ?type=TYPE, A by default, and which stage answered."),
        new("GET", "/v1/dns/log", "Questions of ?sandbox=SANDBOX as they are answered, one JSON object a line, from now on."),
        new("GET", "/v1/cluster", "This node's place in a cluster: state, members by status, keys by tag, troubles."),
        new("POST", "/v1/cluster/init", "Begins a cluster of this node alone, with a key drawn anew."),
        new("POST", "/v1/cluster/join", "Joins the cluster of the members named; answers pending if none answers in time."),
        new("POST", "/v1/cluster/leave", "Says goodbye to the cluster and forgets its keys."),
        new("GET", "/v1/cluster/keys", "The keyring by tag; ?secrets=true with the keys themselves."),
        new("POST", "/v1/cluster/keys", "Accepts a further key on this node: one given, or drawn anew."),
        new("POST", "/v1/cluster/keys/{ref}/use", "Seals with the key of this tag from now on, on this node."),
        new("DELETE", "/v1/cluster/keys/{ref}", "Accepts the key of this tag no longer, on this node."),
        new("GET", "/v1/nodes", "Members of the cluster as this node sees them."),
        new("GET", "/v1/events", "Events as they happen, one JSON object a line; ?since=SEQUENCE first those still remembered; ?follow=false ends after those."),
        new("GET", "/v1/plan", "What is still to be done, from what the daemon believes of the kernel."),
        new("GET", "/v1/diff", "What differs in the kernel, read afresh."),
        new("POST", "/v1/repair", "Reads the kernel afresh and mends what differs; answers what it did."),
        new("PUT", "/v1/firewall", "Moves the firewall of the host to nftables, iptables or none, or to what auto chooses, under everything that runs."),
        new("GET", "/v1/explain/{ref}", "Why a network, endpoint or sandbox is or is not as asked."),
        new("GET", "/v1/doctor", "Checks of the host: kernel features, forwarding, foreign firewalls."),
        new("GET", "/metrics", "Metrics as Prometheus text."),
    ];
}

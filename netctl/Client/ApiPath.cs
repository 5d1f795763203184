namespace Networking.Netctl.Client;

/// <summary>Paths of the API with their holes filled; every path that <c>netctl</c> asks for is built here.</summary>
internal static class ApiPath
{
    public const string Version = "/v1/version";
    public const string Info = "/v1/info";
    public const string Networks = "/v1/networks";
    public const string Prune = "/v1/networks/prune";
    public const string Sandboxes = "/v1/sandboxes";
    public const string Ports = "/v1/ports";
    public const string Ipam = "/v1/ipam";
    public const string Cluster = "/v1/cluster";
    public const string ClusterInit = "/v1/cluster/init";
    public const string ClusterJoin = "/v1/cluster/join";
    public const string ClusterLeave = "/v1/cluster/leave";
    public const string ClusterKeys = "/v1/cluster/keys";
    public const string Nodes = "/v1/nodes";
    public const string Plan = "/v1/plan";
    public const string Diff = "/v1/diff";
    public const string Repair = "/v1/repair";
    public const string Firewall = "/v1/firewall";
    public const string Doctor = "/v1/doctor";

    public static string Network(string reference) => $"{Networks}/{Escape(reference)}";

    public static string Connect(string reference) => $"{Network(reference)}/connect";

    public static string Endpoint(string network) => $"{Network(network)}/endpoint";

    public static string Disconnect(string reference) => $"{Network(reference)}/disconnect";

    public static string Sandbox(string reference) => $"{Sandboxes}/{Escape(reference)}";

    public static string Explain(string reference) => $"/v1/explain/{Escape(reference)}";

    public static string IpamNetwork(string reference) => $"{Ipam}/networks/{Escape(reference)}";

    public static string IpamWhy(string address) => WithQuery($"{Ipam}/why", $"address={Uri.EscapeDataString(address)}");

    public static string ClusterKeysWith(bool secrets) => WithQuery(ClusterKeys, secrets ? "secrets=true" : null);

    public static string ClusterKey(string tag) => $"{ClusterKeys}/{Escape(tag)}";

    public static string ClusterKeyUse(string tag) => $"{ClusterKey(tag)}/use";

    public static string NameLog(string sandbox) => WithQuery("/v1/dns/log", $"sandbox={Uri.EscapeDataString(sandbox)}");

    public static string Names(string? sandbox) => WithQuery("/v1/dns", sandbox is null ? null : $"sandbox={Uri.EscapeDataString(sandbox)}");

    public static string NameQuery(string sandbox, string name, string type) => WithQuery(
        "/v1/dns/query", $"sandbox={Uri.EscapeDataString(sandbox)}", $"name={Uri.EscapeDataString(name)}", $"type={Uri.EscapeDataString(type)}");

    public static string Events(long? since, bool isFollowing) => WithQuery(
        "/v1/events", since is null ? null : $"since={since}", isFollowing ? null : "follow=false");

    /// <summary>The path with those parts of a query that are given.</summary>
    public static string WithQuery(string path, params string?[] parts)
    {
        var query = string.Join('&', parts.Where(part => part is not null));
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    // Nothing, "." and ".." would be folded away by Uri before they are sent, and hit another route.
    private static string Escape(string reference) => reference is "" or "." or ".."
        ? throw new UsageException($"'{reference}' is no name.")
        : Uri.EscapeDataString(reference);
}

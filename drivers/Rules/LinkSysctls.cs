namespace Networking.Drivers;

/// <summary>Values that interfaces of the host have each for itself, by their paths below /proc/sys.</summary>
public static class LinkSysctls
{
    private const string RouteLocalnetPrefix = "net/ipv4/conf/";
    private const string RouteLocalnetSuffix = "/route_localnet";

    /// <summary>Whether addresses of 127.0.0.0/8 may pass an interface (ip-sysctl.rst, route_localnet).</summary>
    public static string RouteLocalnetOf(string link) => $"{RouteLocalnetPrefix}{link}{RouteLocalnetSuffix}";

    /// <summary>The interface of such a path; null if it is another value's.</summary>
    public static string? LinkOfRouteLocalnet(string path) =>
        path.StartsWith(RouteLocalnetPrefix, StringComparison.Ordinal) && path.EndsWith(RouteLocalnetSuffix, StringComparison.Ordinal)
            ? path[RouteLocalnetPrefix.Length..^RouteLocalnetSuffix.Length]
            : null;
}

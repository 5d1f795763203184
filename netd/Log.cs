namespace Networking.Netd;

/// <summary>Everything the daemon logs, event ids 1000 to 1999.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "netd {Version} is ready on {Socket}: {Networks} networks, {Endpoints} endpoints, instance {Instance}")]
    public static partial void Ready(ILogger logger, string version, string socket, int networks, int endpoints, string instance);

    [LoggerMessage(1001, LogLevel.Information, "netd stops; networks and endpoints stay as they are")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(1002, LogLevel.Information, "{Message}")]
    public static partial void Event(ILogger logger, string message);

    [LoggerMessage(1003, LogLevel.Warning, "{Scope} is not as asked: {Reason}; next try {NextTry:O}")]
    public static partial void ScopeRefused(ILogger logger, string scope, string? reason, DateTimeOffset? nextTry);

    [LoggerMessage(1004, LogLevel.Information, "{Scope}: {What}; mending")]
    public static partial void Drift(ILogger logger, string scope, string what);

    [LoggerMessage(1005, LogLevel.Warning, "{Transition} failed: {Error}")]
    public static partial void TransitionFailed(ILogger logger, string transition, string error);

    [LoggerMessage(1006, LogLevel.Critical, "a promise of the daemon to itself is broken; it ends and must be started again: {Message}")]
    public static partial void Broken(ILogger logger, string message, Exception exception);

    [LoggerMessage(1007, LogLevel.Error, "{Method} {Path} failed: {Message}")]
    public static partial void RequestFailed(ILogger logger, string method, string path, string message, Exception exception);

    [LoggerMessage(1008, LogLevel.Information, "forwarding {Port}: {What}: {Cause}; not told again for this port")]
    public static partial void ForwardTroubled(ILogger logger, string port, string what, string cause);

    [LoggerMessage(1009, LogLevel.Error, "forwarding {Port} broke: {Message}")]
    public static partial void ForwardBroken(ILogger logger, string port, string message, Exception exception);

    [LoggerMessage(1011, LogLevel.Warning, "sandbox {Sandbox} has no resolver: {Message}; it is tried again with its next endpoint")]
    public static partial void NoResolver(ILogger logger, string sandbox, string message);

    [LoggerMessage(1012, LogLevel.Warning, "resolv.conf and hosts of sandbox {Sandbox}: {Message}; they are written again when the sandbox changes")]
    public static partial void NoResolverFile(ILogger logger, string sandbox, string message);

    [LoggerMessage(1010, LogLevel.Warning, "forward chains of others could not be read, so packets may be dropped there: {Message}; netctl doctor looks again")]
    public static partial void ForeignChainsUnread(ILogger logger, string message);

    [LoggerMessage(1013, LogLevel.Information, "the host's firewall is {Backend}: {Reason}")]
    public static partial void FirewallChosen(ILogger logger, string backend, string reason);

    [LoggerMessage(1014, LogLevel.Warning, "{What}: {Message}; it is tried again every second until it can be stored, and not told again")]
    public static partial void Postponed(ILogger logger, string what, string message);

    [LoggerMessage(1015, LogLevel.Warning, "what is gone since the last run could not be stored: {Message}; the next change stores it too")]
    public static partial void LossUnstored(ILogger logger, string message);

    [LoggerMessage(1016, LogLevel.Warning, "{Message}; the next start takes it away")]
    public static partial void NamespaceStays(ILogger logger, string message);

    [LoggerMessage(1017, LogLevel.Warning, "the service manager does not hear how netd is: {Message}; not told again")]
    public static partial void ManagerUnheard(ILogger logger, string message);

    [LoggerMessage(1018, LogLevel.Warning, "{Message}")]
    public static partial void NotAlone(ILogger logger, string message);

    [LoggerMessage(1020, LogLevel.Information, "node {Member} at {Address} is {Status}")]
    public static partial void MemberChanged(ILogger logger, Gossip.NodeId member, Gossip.PeerAddress address, string status);

    [LoggerMessage(1021, LogLevel.Warning, "cluster: {Trouble}: {Text}")]
    public static partial void ClusterTrouble(ILogger logger, Gossip.GossipTrouble trouble, string text);

    [LoggerMessage(1022, LogLevel.Information, "node {Node} takes part in its cluster at {Address}")]
    public static partial void ClusterBegun(ILogger logger, Gossip.NodeId node, System.Net.IPEndPoint address);

    [LoggerMessage(1023, LogLevel.Error, "this node does not take part in its cluster: {Reason} Tried again every {Seconds} s")]
    public static partial void ClusterFailed(ILogger logger, string reason, int seconds);

    [LoggerMessage(1024, LogLevel.Warning, "shared addresses: {Trouble}: {Text}")]
    public static partial void RingTrouble(ILogger logger, Networking.Ipam.Ring.RingTrouble trouble, string text);
}

using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>The commands that take endpoints away which stand in the way of a removal.</summary>
internal static class DisconnectHint
{
    private const int NamedMax = 5;

    /// <summary>One for each endpoint, the first ones in full, and the one that takes all along.</summary>
    /// <param name="state">What is granted.</param>
    /// <param name="endpoints">Those in the way, at least one.</param>
    /// <param name="force">The command that takes all along.</param>
    public static string Of(NodeState state, IReadOnlyList<EndpointRecord> endpoints, string force)
    {
        // A sandbox in the host's namespace leaves its network with its process.
        var leaving = endpoints.Where(e => state.Networks[e.NetworkId].Traits.Sandbox != SandboxRule.Host).ToArray();
        var commands = leaving.Take(NamedMax).Select(e => $"netctl disconnect {state.Networks[e.NetworkId].Name} {NameOf(state, e)}");
        var more = leaving.Length > NamedMax ? $"; and {leaving.Length - NamedMax} more" : string.Empty;
        return leaving.Length == 0 ? force : $"{string.Join("; ", commands)}{more}; or {force}";
    }

    // By its sandbox, as people know it, if that says which one; another endpoint may be called so.
    private static string NameOf(NodeState state, EndpointRecord endpoint)
    {
        string[] names = [state.Sandboxes[endpoint.SandboxId].Record.Name, endpoint.Name];
        return Array.Find(names, n => Lookup.Endpoint(state, state.Networks[endpoint.NetworkId], n, out _)?.Id == endpoint.Id) ?? endpoint.Id.Value;
    }
}

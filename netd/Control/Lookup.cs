using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Finds an object by full id, then full name, then unique id prefix (FACTS 1.1, Name lookup).</summary>
internal static class Lookup
{
    // A short prefix would make a typo hit something.
    private const int PrefixMin = 2;

    public static NetworkEntry? Network(NodeState state, string reference, out Refusal? refusal) =>
        Find(
            reference,
            "network",
            id => state.Networks.GetValueOrDefault(new NetworkId(id)),
            name => state.NetworkNames.TryGetValue(name, out var id) ? state.Networks[id] : null,
            prefix => state.Networks.Values.Where(n => n.Record.Id.Value.StartsWith(prefix, StringComparison.Ordinal)),
            out refusal);

    public static SandboxEntry? Sandbox(NodeState state, string reference, out Refusal? refusal) =>
        Find(
            reference,
            "sandbox",
            id => state.Sandboxes.GetValueOrDefault(new SandboxId(id)),
            name => state.SandboxNames.TryGetValue(name, out var id) ? state.Sandboxes[id] : null,
            prefix => state.Sandboxes.Values.Where(s => s.Record.Id.Value.StartsWith(prefix, StringComparison.Ordinal)),
            out refusal);

    /// <summary>An endpoint of a network by id, name, or the sandbox it is in.</summary>
    public static EndpointRecord? Endpoint(NodeState state, NetworkEntry network, string reference, out Refusal? refusal)
    {
        refusal = null;
        if (network.EndpointNames.TryGetValue(reference, out var named))
        {
            // A sandbox of that name on the same network could be meant as well: whoever takes something away would take the wrong one.
            var other = state.SandboxNames.TryGetValue(reference, out var id) && state.Endpoints[named].SandboxId != id
                ? state.Sandboxes[id].Endpoints.Where(e => state.Endpoints[e].NetworkId == network.Record.Id).ToArray()
                : [];
            refusal = other.Length == 0 ? null : Ambiguous(reference, network, [state.Endpoints[named], .. other.Select(e => state.Endpoints[e])], static e => e.Id.Short);
            return refusal is null ? state.Endpoints[named] : null;
        }

        if (state.Endpoints.TryGetValue(new EndpointId(reference), out var direct) && direct.NetworkId == network.Record.Id)
        {
            return direct;
        }

        var matches = state.Endpoints.Count == 0 ? [] : Sandbox(state, reference, out _) is { } sandbox
            ? [.. sandbox.Endpoints.Select(id => state.Endpoints[id]).Where(e => e.NetworkId == network.Record.Id)]
            : reference.Length < PrefixMin
                ? ImmutableArray<EndpointRecord>.Empty
                : [.. network.EndpointNames.Values.Where(id => id.Value.StartsWith(reference, StringComparison.Ordinal)).Select(id => state.Endpoints[id])];
        if (matches.Length == 1)
        {
            return matches[0];
        }

        refusal = matches.IsEmpty
            ? Refusal.Of(404, "endpoint.unknown", null, $"'{reference}' has no endpoint on network {network.Name}", $"netctl inspect {network.Name} lists them")
            : Ambiguous(reference, network, matches, static e => e.Name);
        return null;
    }

    /// <summary>An endpoint of whichever network, by id, name, or unique id prefix.</summary>
    public static EndpointRecord? Endpoint(NodeState state, string reference, out Refusal? refusal)
    {
        refusal = null;
        if (state.Endpoints.TryGetValue(new EndpointId(reference), out var direct))
        {
            return direct;
        }

        EndpointRecord[] matches = [.. state.Endpoints.Values.Where(e => e.Name == reference)];
        if (matches.Length == 0 && reference.Length >= PrefixMin)
        {
            matches = [.. state.Endpoints.Values.Where(e => e.Id.Value.StartsWith(reference, StringComparison.Ordinal))];
        }

        if (matches.Length == 1)
        {
            return matches[0];
        }

        refusal = matches.Length == 0
            ? Refusal.Of(404, "endpoint.unknown", null, $"there is no endpoint '{reference}'", "netctl inspect NETWORK lists those of a network")
            : Refusal.Of(
                409,
                "endpoint.ambiguous",
                null,
                $"'{reference}' means {matches.Length} endpoints",
                $"name one by its id: {FirstOf.Text(matches.OrderBy(static e => e.Created).Select(e => $"{e.Id.Short} (on network {state.Networks[e.NetworkId].Name})"), matches.Length)}");
        return null;
    }

    private static Refusal Ambiguous(string reference, NetworkEntry network, ImmutableArray<EndpointRecord> matches, Func<EndpointRecord, string> name) => Refusal.Of(
        409, "endpoint.ambiguous", null, $"'{reference}' means {matches.Length} endpoints on network {network.Name}", $"name one: {string.Join(", ", matches.Select(name))}");

    private static T? Find<T>(
        string reference,
        string kind,
        Func<string, T?> byId,
        Func<string, T?> byName,
        Func<string, IEnumerable<T>> byPrefix,
        out Refusal? refusal)
        where T : class
    {
        refusal = null;
        if ((byId(reference) ?? byName(reference)) is { } found)
        {
            return found;
        }

        var matches = reference.Length < PrefixMin || !reference.All(char.IsAsciiHexDigitLower) ? [] : byPrefix(reference).Take(2).ToArray();
        if (matches.Length == 1)
        {
            return matches[0];
        }

        refusal = matches.Length == 0
            ? Refusal.Of(404, $"{kind}.unknown", null, $"there is no {kind} '{reference}'", kind == "network" ? "netctl ls lists them" : "netctl sandbox ls lists them; a namespace is named by its path or pid:N")
            : Refusal.Of(409, $"{kind}.ambiguous", null, $"more than one {kind} has an id that begins with '{reference}'", "give more digits");
        return null;
    }
}

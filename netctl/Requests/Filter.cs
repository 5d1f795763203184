using Networking.Model.Api;

namespace Networking.Netctl.Requests;

/// <summary>
/// <c>--filter key=value</c>, with Docker's meaning: an id by its beginning, a name by any part, everything else
/// whole. Different keys must all hold; of several values for one key any may (labels: all).
/// </summary>
internal sealed class Filter
{
    /// <summary>Keys of networks.</summary>
    public static readonly string[] NetworkKeys = ["driver", "id", "label", "name", "scope", "state"];

    /// <summary>Keys of sandboxes.</summary>
    public static readonly string[] SandboxKeys = ["id", "name", "owner", "state"];

    /// <summary>Keys of published ports.</summary>
    public static readonly string[] PortKeys = ["endpoint", "exposure", "network", "protocol", "sandbox"];

    /// <summary>Keys of events.</summary>
    public static readonly string[] EventKeys = ["name", "object", "type"];

    private readonly IReadOnlyList<IGrouping<string, string>> _terms;

    private Filter(IReadOnlyList<IGrouping<string, string>> terms) => _terms = terms;

    /// <summary>Reads filters; a key that this list does not know is refused, never ignored.</summary>
    public static Filter Parse(IEnumerable<string>? texts, IReadOnlyCollection<string> keys)
    {
        var problems = new List<string>();
        var terms = new List<(string Key, string Value)>();
        foreach (var text in texts ?? [])
        {
            var split = text.IndexOf('=', StringComparison.Ordinal);
            var key = split < 0 ? text : text[..split];
            if (!keys.Contains(key))
            {
                problems.Add($"--filter {text}: no such key here; there are {string.Join(", ", keys)}.");
            }
            else if (split < 0 || split == text.Length - 1)
            {
                problems.Add($"--filter {text}: write {key}=value.");
            }
            else
            {
                terms.Add((key, text[(split + 1)..]));
            }
        }

        return problems.Count == 0
            ? new Filter([.. terms.GroupBy(term => term.Key, term => term.Value)])
            : throw new UsageException([.. problems]);
    }

    public bool Matches(NetworkDocument network) => _terms.All(term => term.Key switch
    {
        "id" => term.Any(value => IsIdOf(value, network.Id)),
        "name" => term.Any(value => IsPartOf(value, network.Name)),
        "driver" => term.Contains(network.Driver),
        "scope" => term.Contains(network.Scope),
        "state" => term.Contains(network.Status.State),
        _ => term.All(value => IsLabelOf(value, network)),
    });

    public bool Matches(SandboxDocument sandbox) => _terms.All(term => term.Key switch
    {
        "id" => term.Any(value => IsIdOf(value, sandbox.Id)),
        "name" => term.Any(value => IsPartOf(value, sandbox.Name)),
        "owner" => term.Contains(sandbox.Owner),
        _ => term.Contains(sandbox.Status.State),
    });

    public bool Matches(PortDocument port) => _terms.All(term => term.Key switch
    {
        "endpoint" => term.Any(value => IsIdOf(value, port.EndpointId) || IsPartOf(value, port.Endpoint)),
        "exposure" => term.Contains(port.Port.Exposure),
        "network" => term.Contains(port.Network),
        "protocol" => term.Contains(port.Port.Protocol),
        _ => term.Contains(port.Sandbox),
    });

    public bool Matches(EventDocument entry) => _terms.All(term => term.Key switch
    {
        "type" => term.Any(value => entry.Type == value || entry.Type.StartsWith(value + ".", StringComparison.Ordinal)),
        "name" => entry.Name is { } name && term.Any(value => IsPartOf(value, name)),
        _ => term.Any(value => IsIdOf(value, entry.Object)),
    });

    private static bool IsIdOf(string value, string id) => id.StartsWith(value, StringComparison.OrdinalIgnoreCase);

    private static bool IsPartOf(string value, string name) => name.Contains(value, StringComparison.Ordinal);

    private static bool IsLabelOf(string value, NetworkDocument network)
    {
        var split = value.IndexOf('=', StringComparison.Ordinal);
        return split < 0
            ? network.Labels.ContainsKey(value)
            : network.Labels.TryGetValue(value[..split], out var label) && label == value[(split + 1)..];
    }
}

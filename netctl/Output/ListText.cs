using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>Lists for people.</summary>
internal static class ListText
{
    private const int ShortIdLength = 12;

    /// <summary>An id, short enough for a table and long enough to be unique.</summary>
    public static string ShortId(string id) => id.Length > ShortIdLength ? id[..ShortIdLength] : id;

    /// <summary>Networks.</summary>
    public static string Of(IEnumerable<NetworkDocument> networks, Style style)
    {
        var table = new Table(
            new("NETWORK ID"), new("NAME"), new("DRIVER"), new("SUBNETS"), new("ENDPOINTS", IsNumber: true),
            new("STATE"), new("CREATED"));
        foreach (var network in networks)
        {
            table.Add(
                ShortId(network.Id), network.Name, network.Driver,
                Joined([network.Ipv4?.Subnet, network.Ipv6?.Subnet, .. network.MoreSubnets.Select(static s => s.Subnet)]),
                $"{network.EndpointCount}", StatusText.Word(network.Status), style.Ago(network.Created));
        }

        return table.Render(style);
    }

    /// <summary>Sandboxes.</summary>
    public static string Of(IEnumerable<SandboxDocument> sandboxes, Style style)
    {
        var table = new Table(
            new("SANDBOX ID"), new("NAME"), new("OWNER"), new("ADDRESSES"), new("PATH"), new("STATE"), new("CREATED"));
        foreach (var sandbox in sandboxes)
        {
            var endpoints = sandbox.Endpoints.IsDefault ? [] : sandbox.Endpoints;
            var addresses = endpoints.SelectMany(endpoint => new[] { endpoint.Ipv4, endpoint.Ipv6 });
            table.Add(
                ShortId(sandbox.Id), sandbox.Name,
                sandbox.ProcessId is { } process ? $"{sandbox.Owner} {process}" : sandbox.Owner,
                Joined([.. addresses]), sandbox.Path, StatusText.Word(sandbox.Status), style.Ago(sandbox.Created));
        }

        return table.Render(style);
    }

    /// <summary>Endpoints, as part of the readable view of a network or a sandbox.</summary>
    public static string Of(IEnumerable<EndpointDocument> endpoints, Style style)
    {
        var table = new Table(
            new("ENDPOINT ID"), new("NAME"), new("NETWORK"), new("SANDBOX"), new("INTERFACE"), new("ADDRESSES"),
            new("MAC"), new("STATE"));
        foreach (var endpoint in endpoints)
        {
            table.Add(
                ShortId(endpoint.Id), endpoint.Name, endpoint.Network, endpoint.Sandbox, endpoint.Interface,
                Joined(endpoint.Ipv4, endpoint.Ipv6), endpoint.Mac, StatusText.Word(endpoint.Status));
        }

        return table.Render(style);
    }

    /// <summary>What is there of several, with commas.</summary>
    public static string Joined(params string?[] parts) => string.Join(", ", parts.Where(part => part is not null));
}

using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Verbs;

namespace Networking.Netctl.Requests;

/// <summary>What <c>update</c> was given, as typed.</summary>
internal sealed record UpdateArguments
{
    public string? Sandbox { get; init; }

    public IReadOnlyList<string> Options { get; init; } = [];

    public IReadOnlyList<string> RemovedOptions { get; init; } = [];

    public IReadOnlyList<string> Labels { get; init; } = [];

    public IReadOnlyList<string> RemovedLabels { get; init; } = [];

    public IReadOnlyList<string> Subnets { get; init; } = [];

    public IReadOnlyList<string> Gateways { get; init; } = [];

    public bool? Ipv4 { get; init; }

    public bool? Ipv6 { get; init; }

    public IReadOnlyList<string> Dns { get; init; } = [];

    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    public bool IsUndo { get; init; }

    public IReadOnlyList<string> Publish { get; init; } = [];

    public string? Expose { get; init; }

    public IReadOnlyList<string> Unpublish { get; init; } = [];

    private bool ConcernsPorts => Publish.Count > 0 || Unpublish.Count > 0 || Expose is not null;

    private bool ConcernsNetwork => Options.Count + RemovedOptions.Count + Labels.Count + RemovedLabels.Count + Subnets.Count + Gateways.Count > 0
        || Ipv4 is not null || Ipv6 is not null || IsUndo;

    /// <summary>Adds what cannot be meant: words of the network and of an endpoint together.</summary>
    public ICollection<string> Check(ICollection<string> problems)
    {
        if (Sandbox is null && ConcernsPorts)
        {
            problems.Add("--publish, --unpublish and --expose change an endpoint: say whose, netctl update NETWORK SANDBOX.");
        }

        if (Sandbox is not null && IsUndo)
        {
            problems.Add("--undo is for networks: take back what was changed of an endpoint by saying the opposite, such as --unpublish for --publish.");
        }
        else if (Sandbox is not null && ConcernsNetwork)
        {
            problems.Add("only --publish, --unpublish, --expose and the words for --dns go with a SANDBOX; the rest changes the network, without one.");
        }

        _ = Pairs.Parse("--opt", Options, isValueOptional: false, problems);
        _ = Pairs.Parse("--label", Labels, isValueOptional: true, problems);
        return problems;
    }

    /// <summary>The request. Values stay text: the daemon judges them, and names every mistake at once.</summary>
    public ChangeCall ToCall(string network) => Sandbox is { } sandbox
        ? new ChangeCall(HttpMethod.Patch, ApiPath.Endpoint(network), ConcernsPorts ? $"changing the ports of {sandbox}" : $"changing whom {sandbox} asks", change => change.Name)
        {
            Body = Changes.Body(
                new UpdateEndpointRequest
                {
                    Sandbox = sandbox,
                    Publish = [.. Publish],
                    Expose = Expose,
                    Unpublish = [.. Unpublish],
                    Dns = [.. Dns],
                    DnsSearch = [.. DnsSearch],
                    DnsOptions = [.. DnsOptions],
                },
                ApiJson.Default.UpdateEndpointRequest),
        }
        : new ChangeCall(HttpMethod.Patch, ApiPath.Network(network), $"changing network {network}", change => change.Name)
        {
            Body = Changes.Body(ToRequest(), ApiJson.Default.UpdateNetworkRequest),
        };

    private UpdateNetworkRequest ToRequest() => new()
    {
        Undo = IsUndo,
        Ipv4 = Ipv4,
        Ipv6 = Ipv6,
        Subnets = [.. Subnets],
        Gateways = [.. Gateways],
        Options = Pairs.Parse("--opt", Options, isValueOptional: false, []),
        RemovedOptions = [.. RemovedOptions],
        Dns = [.. Dns],
        DnsSearch = [.. DnsSearch],
        DnsOptions = [.. DnsOptions],
        Labels = Pairs.Parse("--label", Labels, isValueOptional: true, []),
        RemovedLabels = [.. RemovedLabels],
    };
}

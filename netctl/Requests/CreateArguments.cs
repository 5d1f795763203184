using Networking.Model.Api;

namespace Networking.Netctl.Requests;

/// <summary>What <c>create</c> was given, as typed.</summary>
internal sealed record CreateArguments
{
    public required string Name { get; init; }

    public string? Driver { get; init; }

    public IReadOnlyList<string> Subnets { get; init; } = [];

    public IReadOnlyList<string> Gateways { get; init; } = [];

    public IReadOnlyList<string> IpRanges { get; init; } = [];

    public IReadOnlyList<string> AuxAddresses { get; init; } = [];

    public IReadOnlyList<string> IpamOptions { get; init; } = [];

    public bool? Ipv4 { get; init; }

    public bool? Ipv6 { get; init; }

    public bool IsInternal { get; init; }

    public IReadOnlyList<string> Options { get; init; } = [];

    public IReadOnlyList<string> Dns { get; init; } = [];

    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The request. Values stay text: the daemon judges them, and names every mistake at once.</summary>
    public CreateNetworkRequest ToRequest(ICollection<string> problems)
    {
        return new CreateNetworkRequest
        {
            Name = Name,
            Driver = Driver,
            Ipv4 = Ipv4,
            Ipv6 = Ipv6,
            Internal = IsInternal,
            Subnets = [.. Subnets],
            Gateways = [.. Gateways],
            IpRanges = [.. IpRanges],
            AuxAddresses = Pairs.Parse("--aux-address", AuxAddresses, isValueOptional: false, problems),
            IpamOptions = Pairs.Parse("--ipam-opt", IpamOptions, isValueOptional: false, problems),
            Options = Pairs.Parse("--opt", Options, isValueOptional: false, problems),
            Dns = [.. Dns],
            DnsSearch = [.. DnsSearch],
            DnsOptions = [.. DnsOptions],
            Labels = Pairs.Parse("--label", Labels, isValueOptional: true, problems),
        };
    }
}

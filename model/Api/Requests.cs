using System.Collections.Immutable;

namespace Networking.Model.Api;

/// <summary>Body of <c>POST /v1/networks</c>. Everything is text as typed, so that the daemon can name every mistake at once.</summary>
public sealed record CreateNetworkRequest
{
    /// <summary>Name.</summary>
    public string Name { get; init => field = value ?? string.Empty; } = string.Empty;

    /// <summary>Driver; <c>bridge</c> if null.</summary>
    public string? Driver { get; init; }

    /// <summary>IPv4 on; true if null.</summary>
    public bool? Ipv4 { get; init; }

    /// <summary>IPv6 on; if null, on when an IPv6 subnet is given.</summary>
    public bool? Ipv6 { get; init; }

    /// <summary>No way in or out.</summary>
    public bool Internal { get; init; }

    /// <summary>Subnets as <c>address/length</c>.</summary>
    public ImmutableArray<string> Subnets { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Gateways, each inside one of the subnets.</summary>
    public ImmutableArray<string> Gateways { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Driver options.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;
}

/// <summary>Body of <c>POST /v1/networks/{ref}/connect</c>.</summary>
public sealed record ConnectRequest
{
    /// <summary>Name or id of a sandbox, a path such as <c>/run/netns/x</c>, or <c>pid:N</c>.</summary>
    public string Sandbox { get; init => field = value ?? string.Empty; } = string.Empty;

    /// <summary>Endpoint name.</summary>
    public string? Name { get; init; }

    /// <summary>Further names.</summary>
    public ImmutableArray<string> Aliases { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Static IPv4 address.</summary>
    public string? Ip { get; init; }

    /// <summary>Static IPv6 address.</summary>
    public string? Ip6 { get; init; }

    /// <summary>Hardware address.</summary>
    public string? Mac { get; init; }

    /// <summary>Interface name in the sandbox.</summary>
    public string? Ifname { get; init; }

    /// <summary>Gateway election: the higher wins.</summary>
    public int GatewayPriority { get; init; }

    /// <summary>Interface sysctls, <c>net.ipv4.conf.IFNAME.x</c> to value.</summary>
    public ImmutableSortedDictionary<string, string> Sysctls { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Driver options.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;
}

/// <summary>Body of <c>POST /v1/networks/{ref}/disconnect</c>.</summary>
public sealed record DisconnectRequest
{
    /// <summary>As in <see cref="ConnectRequest.Sandbox"/>, or the name or id of an endpoint.</summary>
    public string Sandbox { get; init => field = value ?? string.Empty; } = string.Empty;
}

/// <summary>Body of <c>POST /v1/sandboxes</c>.</summary>
public sealed record CreateSandboxRequest
{
    /// <summary>Name.</summary>
    public string Name { get; init => field = value ?? string.Empty; } = string.Empty;
}

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

    /// <summary>Subnets as <c>address/length</c>; <c>0.0.0.0/24</c> and <c>::/64</c> for any free one of that size.</summary>
    public ImmutableArray<string> Subnets { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Gateways, each inside one of the subnets.</summary>
    public ImmutableArray<string> Gateways { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Ranges that addresses are chosen from, as <c>address/length</c>, each inside one of the subnets.</summary>
    public ImmutableArray<string> IpRanges { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// Addresses set aside, by name, each inside one of the subnets. <c>DefaultGatewayIPv4</c> and <c>DefaultGatewayIPv6</c> are
    /// what sandboxes route by, in place of the gateway.
    /// </summary>
    public ImmutableSortedDictionary<string, string> AuxAddresses { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Options of address management, such as <c>com.docker.network.ipam.serial</c>.</summary>
    public ImmutableSortedDictionary<string, string> IpamOptions { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Servers to ask for names that are not ours, as many as three; asked from inside the sandbox.</summary>
    public ImmutableArray<string> Dns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Domains to search; <c>.</c> alone for none.</summary>
    public ImmutableArray<string> DnsSearch { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Options of resolv.conf, such as <c>ndots:2</c>.</summary>
    public ImmutableArray<string> DnsOptions { get; init => field = value.IsDefault ? [] : value; } = [];

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

    /// <summary>The service it is a task of.</summary>
    public string? Service { get; init; }

    /// <summary>What its processes believe their host to be called.</summary>
    public string? Hostname { get; init; }

    /// <summary>Names for its sandbox alone: <c>NAME:ALIAS</c>, or <c>NAME</c>.</summary>
    public ImmutableArray<string> Links { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Servers to ask for names that are not ours, as many as three; asked from inside the sandbox.</summary>
    public ImmutableArray<string> Dns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Domains to search; <c>.</c> alone for none.</summary>
    public ImmutableArray<string> DnsSearch { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Options of resolv.conf, such as <c>ndots:2</c>.</summary>
    public ImmutableArray<string> DnsOptions { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// Ports to publish: <c>[ip:]host[-end]:target[-end][/proto]</c>, <c>ip::target</c>, <c>target[/proto]</c>, or
    /// <c>published=8080,target=80,protocol=tcp,ip=::1,expose=lan</c>.
    /// </summary>
    public ImmutableArray<string> Publish { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Who may reach those that do not say: <c>loopback</c>, <c>lan</c> or <c>world</c>; the network's default if null.</summary>
    public string? Expose { get; init; }

    /// <summary>Interface sysctls, <c>net.ipv4.conf.IFNAME.x</c> to value.</summary>
    public ImmutableSortedDictionary<string, string> Sysctls { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Driver options.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;
}

/// <summary>Body of <c>PATCH /v1/networks/{ref}</c>: what shall be different; what is left out stays.</summary>
public sealed record UpdateNetworkRequest
{
    /// <summary>Back to what was asked before the last change; nothing else may be given with it.</summary>
    public bool Undo { get; init; }

    /// <summary>IPv4 on or off.</summary>
    public bool? Ipv4 { get; init; }

    /// <summary>IPv6 on or off.</summary>
    public bool? Ipv6 { get; init; }

    /// <summary>A subnet for a family that the network does not have yet, which turns it on.</summary>
    public ImmutableArray<string> Subnets { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Gateways, each inside one of <see cref="Subnets"/>.</summary>
    public ImmutableArray<string> Gateways { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Driver options to set.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Driver options to take away.</summary>
    public ImmutableArray<string> RemovedOptions { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Servers to ask from now on, in place of those before; <c>default</c> alone for none of its own.</summary>
    public ImmutableArray<string> Dns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Domains to search from now on; <c>.</c> alone for none, <c>default</c> alone for no list of its own.</summary>
    public ImmutableArray<string> DnsSearch { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Options of resolv.conf from now on; <c>default</c> alone for none of its own.</summary>
    public ImmutableArray<string> DnsOptions { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Labels to set.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Labels to take away.</summary>
    public ImmutableArray<string> RemovedLabels { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Body of <c>PATCH /v1/networks/{ref}/endpoint</c>: ports of one endpoint to publish and to take back, and whom its sandbox asks.</summary>
public sealed record UpdateEndpointRequest
{
    /// <summary>As in <see cref="ConnectRequest.Sandbox"/>, or the name or id of an endpoint.</summary>
    public string Sandbox { get; init => field = value ?? string.Empty; } = string.Empty;

    /// <summary>Ports to publish, as in <see cref="ConnectRequest.Publish"/>.</summary>
    public ImmutableArray<string> Publish { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// Who may reach the ports of <see cref="Publish"/> that do not say; without any of them, those that the endpoint has published.
    /// </summary>
    public string? Expose { get; init; }

    /// <summary>Servers to ask from now on, in place of those before; <c>default</c> alone for none of its own.</summary>
    public ImmutableArray<string> Dns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Domains to search from now on; <c>.</c> alone for none, <c>default</c> alone for no list of its own.</summary>
    public ImmutableArray<string> DnsSearch { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Options of resolv.conf from now on; <c>default</c> alone for none of its own.</summary>
    public ImmutableArray<string> DnsOptions { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Published ports to take back, as <c>[address:]port[-last][/protocol]</c>.</summary>
    public ImmutableArray<string> Unpublish { get; init => field = value.IsDefault ? [] : value; } = [];
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

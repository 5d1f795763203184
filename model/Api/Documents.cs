using System.Collections.Immutable;

namespace Networking.Model.Api;

/// <summary>Every error answer: all problems of the request at once.</summary>
public sealed record ErrorDocument
{
    /// <summary>Stable machine word.</summary>
    public required string Code { get; init; }

    /// <summary>What is wrong.</summary>
    public required string Message { get; init; }

    /// <summary>What to try next.</summary>
    public string? Hint { get; init; }

    /// <summary>Every problem, when there is more than one thing to say.</summary>
    public ImmutableArray<Problem> Details { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Whether an object is as asked, and if not, why.</summary>
public sealed record StatusDocument
{
    /// <summary><c>done</c>, <c>pending</c>, <c>error</c> or <c>removing</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it is not done; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when it is in this state.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it is tried again; null if it waits for something else.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>How often it was tried since it was last done.</summary>
    public int Attempts { get; init; }
}

/// <summary>A subnet in force.</summary>
/// <param name="Subnet">The prefix.</param>
/// <param name="Gateway">The gateway, which a bridge carries; of a macvlan network it is outside.</param>
public sealed record SubnetDocument(string Subnet, string? Gateway)
{
    /// <summary>Where addresses are chosen from, if not from the whole prefix.</summary>
    public string? Range { get; init; }

    /// <summary>Addresses set aside, by name.</summary>
    public ImmutableSortedDictionary<string, string> AuxAddresses { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;
}

/// <summary>A network.</summary>
public sealed record NetworkDocument
{
    /// <summary>Id, 64 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Driver.</summary>
    public required string Driver { get; init; }

    /// <summary><c>local</c> or <c>cluster</c>.</summary>
    public string Scope { get; init => field = value ?? "local"; } = "local";

    /// <summary>No way in or out.</summary>
    public bool Internal { get; init; }

    /// <summary>IPv4 subnet.</summary>
    public SubnetDocument? Ipv4 { get; init; }

    /// <summary>IPv6 subnet.</summary>
    public SubnetDocument? Ipv6 { get; init; }

    /// <summary>Further subnets of both families, of a driver that has them.</summary>
    public ImmutableArray<SubnetDocument> MoreSubnets { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The network's device on the host, or the parent interface that it stands on; empty if it has none.</summary>
    public required string Device { get; init; }

    /// <summary>Options of address management.</summary>
    public ImmutableSortedDictionary<string, string> IpamOptions { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Driver options.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>Servers that its sandboxes ask.</summary>
    public ImmutableArray<string> Dns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Search list of its sandboxes.</summary>
    public ImmutableArray<string> DnsSearch { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Resolver options of its sandboxes.</summary>
    public ImmutableArray<string> DnsOptions { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init => field = value ?? Empty.Pairs; } = Empty.Pairs;

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Whether it is as asked.</summary>
    public required StatusDocument Status { get; init; }

    /// <summary>How many endpoints are on it.</summary>
    public int EndpointCount { get; init; }

    /// <summary>Its endpoints; filled by inspect only.</summary>
    public ImmutableArray<EndpointDocument> Endpoints { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>An endpoint.</summary>
public sealed record EndpointDocument
{
    /// <summary>Id, 64 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its network.</summary>
    public required string Network { get; init; }

    /// <summary>Id of its network.</summary>
    public required string NetworkId { get; init; }

    /// <summary>Name of its sandbox.</summary>
    public required string Sandbox { get; init; }

    /// <summary>Id of its sandbox.</summary>
    public required string SandboxId { get; init; }

    /// <summary>Interface in the sandbox; empty for an endpoint without one.</summary>
    public required string Interface { get; init; }

    /// <summary>Interface on the host; empty if it has none there.</summary>
    public required string HostInterface { get; init; }

    /// <summary>Hardware address; empty for an endpoint without an interface.</summary>
    public required string Mac { get; init; }

    /// <summary>IPv4 address with prefix length.</summary>
    public string? Ipv4 { get; init; }

    /// <summary>IPv6 address with prefix length.</summary>
    public string? Ipv6 { get; init; }

    /// <summary>Gateway election: the higher wins.</summary>
    public int GatewayPriority { get; init; }

    /// <summary>Further names of it.</summary>
    public ImmutableArray<string> Aliases { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The service it is a task of; null if of none.</summary>
    public string? Service { get; init; }

    /// <summary>What its processes believe their host to be called; null for its name.</summary>
    public string? Hostname { get; init; }

    /// <summary>Names for its sandbox alone, as <c>NAME:ALIAS</c>.</summary>
    public ImmutableArray<string> Links { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Servers of its own.</summary>
    public ImmutableArray<string> Dns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Search list of its own.</summary>
    public ImmutableArray<string> DnsSearch { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Resolver options of its own.</summary>
    public ImmutableArray<string> DnsOptions { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Ports of the host that lead to it.</summary>
    public ImmutableArray<PublishedPortDocument> Ports { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Whether it is as asked.</summary>
    public required StatusDocument Status { get; init; }
}

/// <summary>A sandbox.</summary>
public sealed record SandboxDocument
{
    /// <summary>Id, 64 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary><c>daemon</c>, <c>path</c> or <c>process</c>.</summary>
    public required string Owner { get; init; }

    /// <summary>Path of its namespace.</summary>
    public required string Path { get; init; }

    /// <summary>Owning process.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The resolv.conf by which its processes find its resolver; null for a sandbox that brings its own files, and while on no network.</summary>
    public string? ResolvConf { get; init; }

    /// <summary>The hosts file that goes with it; null like it.</summary>
    public string? Hosts { get; init; }

    /// <summary>SO_NETNS_COOKIE of its namespace, as decimal text.</summary>
    public required string Cookie { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Whether it is as asked.</summary>
    public required StatusDocument Status { get; init; }

    /// <summary>Its endpoints.</summary>
    public ImmutableArray<EndpointDocument> Endpoints { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>One step of a plan.</summary>
public sealed record PlanStepDocument
{
    /// <summary><c>create</c>, <c>change</c>, <c>delete</c> or <c>transition</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>Kind of object: <c>link</c>, <c>address</c>, <c>route</c>, <c>sysctl</c>, <c>firewallElement</c> …</summary>
    public required string Kind { get; init; }

    /// <summary>The object's name within kind and namespace.</summary>
    public required string Object { get; init; }

    /// <summary><c>host</c>, <c>netns:COOKIE</c>, or <c>netns:new</c> for one that is not made yet.</summary>
    public required string Namespace { get; init; }

    /// <summary>The owning scope.</summary>
    public required string Scope { get; init; }

    /// <summary>The step as one readable line.</summary>
    public required string Text { get; init; }
}

/// <summary>What would be, or has to be, done.</summary>
public sealed record PlanDocument
{
    /// <summary>The steps in order; empty if everything is as asked.</summary>
    public ImmutableArray<PlanStepDocument> Steps { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// After a repair: what is not as asked all the same, each with its scope and reason, ordered; empty if the steps were done.
    /// </summary>
    public ImmutableArray<string> Left { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Answer of a mutating request.</summary>
public sealed record ChangeDocument
{
    /// <summary>Id of the object made, changed or removed.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its status when the request returned; null if it is gone.</summary>
    public StatusDocument? Status { get; init; }

    /// <summary>The endpoint, for connect.</summary>
    public EndpointDocument? Endpoint { get; init; }

    /// <summary>The plan, for <c>?dryRun=true</c>; nothing was done then.</summary>
    public PlanDocument? Plan { get; init; }

    /// <summary>Things the user should know although the request was done.</summary>
    public ImmutableArray<string> Warnings { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Answer of <c>POST /v1/networks/prune</c>.</summary>
public sealed record PruneDocument
{
    /// <summary>Names of the networks removed, or that would be.</summary>
    public ImmutableArray<string> Removed { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>One line of <c>GET /v1/events</c> (newline-delimited JSON).</summary>
public sealed record EventDocument
{
    /// <summary>Number of the event since the daemon started; a gap means that events were dropped for a slow reader.</summary>
    public required long Sequence { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary><c>network.created</c>, <c>endpoint.removed</c>, <c>drift.repaired</c> …</summary>
    public required string Type { get; init; }

    /// <summary>Id or scope of the object.</summary>
    public required string Object { get; init; }

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }
}

/// <summary>One check of <c>GET /v1/doctor</c>.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="State"><c>ok</c>, <c>warning</c>, <c>failed</c> or <c>missing</c>.</param>
/// <param name="Message">What was found.</param>
/// <param name="Hint">What to do.</param>
public sealed record DoctorCheckDocument(string Name, string State, string Message, string? Hint = null);

/// <summary>Answer of <c>GET /v1/doctor</c>.</summary>
public sealed record DoctorDocument
{
    /// <summary>The checks.</summary>
    public ImmutableArray<DoctorCheckDocument> Checks { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Answer of <c>GET /v1/explain/{ref}</c>.</summary>
public sealed record ExplainDocument
{
    /// <summary><c>network</c>, <c>endpoint</c> or <c>sandbox</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Id.</summary>
    public required string Id { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Status.</summary>
    public required StatusDocument Status { get; init; }

    /// <summary>What holds and why, a sentence a line.</summary>
    public ImmutableArray<string> Lines { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Its kernel objects as desired, a line each.</summary>
    public ImmutableArray<string> Objects { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What differs in the kernel now.</summary>
    public required PlanDocument Diff { get; init; }
}

/// <summary>Answer of <c>GET /v1/version</c>.</summary>
public sealed record VersionDocument
{
    /// <summary>Version of the daemon.</summary>
    public required string Version { get; init; }

    /// <summary>Version of the API, <c>v1</c>.</summary>
    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    /// <summary>Version of .NET.</summary>
    public required string Runtime { get; init; }

    /// <summary>Release of the kernel.</summary>
    public required string Kernel { get; init; }
}

/// <summary>Answer of <c>GET /v1/info</c>.</summary>
public sealed record InfoDocument
{
    /// <summary>Eight hex digits that mark every kernel object of this instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Version of the daemon.</summary>
    public required string Version { get; init; }

    /// <summary>Release of the kernel.</summary>
    public required string Kernel { get; init; }

    /// <summary>Where the state is.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Where the sockets are.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>Firewall backend in force and why.</summary>
    public required string Firewall { get; init; }

    /// <summary>Drivers that work here.</summary>
    public ImmutableArray<string> Drivers { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>How many networks.</summary>
    public int Networks { get; init; }

    /// <summary>How many sandboxes.</summary>
    public int Sandboxes { get; init; }

    /// <summary>How many endpoints.</summary>
    public int Endpoints { get; init; }

    /// <summary>Process id of the daemon.</summary>
    public int ProcessId { get; init; }

    /// <summary>When the daemon started.</summary>
    public required DateTimeOffset Started { get; init; }
}

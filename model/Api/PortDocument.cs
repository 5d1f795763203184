using System.Collections.Immutable;

namespace Networking.Model.Api;

/// <summary>An element of the answer of <c>GET /v1/ports</c>: a published port, its owner, who may reach it, what stands in the way.</summary>
public sealed record PortDocument
{
    /// <summary>Name of its network.</summary>
    public required string Network { get; init; }

    /// <summary>Name of its endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Id of its endpoint.</summary>
    public required string EndpointId { get; init; }

    /// <summary>Name of its sandbox.</summary>
    public required string Sandbox { get; init; }

    /// <summary>The port.</summary>
    public required PublishedPortDocument Port { get; init; }

    /// <summary>True while sockets of the daemon keep the host's ports from every other process.</summary>
    public bool Reserved { get; init; }

    /// <summary>Who can reach it, in words: the exposure as its address and gateway mode leave it.</summary>
    public required string Reach { get; init; }

    /// <summary>
    /// Rules of others that say otherwise, a sentence each: forward chains that drop by default and do not know our packets,
    /// translations that take its packets first.
    /// </summary>
    public ImmutableArray<string> Obstacles { get; init => field = value.IsDefault ? [] : value; } = [];
}

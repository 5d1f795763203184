using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Dns;

/// <summary>What the resolver of one sandbox knows of it.</summary>
public sealed record SandboxNames
{
    /// <summary>The sandbox.</summary>
    public required SandboxId Id { get; init; }

    /// <summary>The networks it is on, the first asked first: gateway order.</summary>
    public ImmutableArray<NetworkId> Networks { get; init; } = [];

    /// <summary>Names that mean something in this sandbox alone (links): name in lower case to the name it stands for.</summary>
    public ImmutableDictionary<string, string> Links { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether others are asked for what is not known here: one of its networks leads outside.</summary>
    public bool IsForwarding { get; init; }

    /// <summary>Servers to ask for what is not known here; none for those of the host.</summary>
    public ImmutableArray<IPEndPoint> Servers { get; init; } = [];

    /// <summary>Compares by content.</summary>
    public bool Equals(SandboxNames? other) =>
        other is not null && Id == other.Id && IsForwarding == other.IsForwarding && Networks.SequenceEqual(other.Networks)
        && Servers.SequenceEqual(other.Servers)
        && Links.Count == other.Links.Count && Links.All(l => other.Links.GetValueOrDefault(l.Key) == l.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, IsForwarding, Networks.Length, Links.Count, Servers.Length);
}

using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// Names the scope that owns a kernel object: node › network › sandbox › endpoint. Each object has exactly one.
/// The text is stable and is what a link's alias and a firewall element's comment carry.
/// </summary>
public readonly record struct ScopeId(string Value) : IComparable<ScopeId>
{
    /// <summary>The node itself: tables, chains, forwarding.</summary>
    public static ScopeId Node => new("node");

    /// <summary>Our rules in chains of others: apart from the node's own, so that another's chain cannot hold those up.</summary>
    public static ScopeId Admission => new("admission");

    /// <summary>The scope of an interface of the host that networks stand on: several may share it.</summary>
    public static ScopeId OfParent(string link) => new($"parent/{link}");

    /// <summary>The scope of a network's own objects.</summary>
    public static ScopeId Of(NetworkId network) => new($"network/{network.Short}");

    /// <summary>The scope of what the endpoints of a sandbox decide together.</summary>
    public static ScopeId Of(SandboxId sandbox) => new($"sandbox/{sandbox.Short}");

    /// <summary>The scope of one endpoint's objects.</summary>
    public static ScopeId Of(EndpointId endpoint) => new($"endpoint/{endpoint.Short}");

    /// <inheritdoc/>
    public int CompareTo(ScopeId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

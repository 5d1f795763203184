namespace Networking.Drivers;

/// <summary>How a bridge network meets the rest of the world, a family (FACTS 1.3, <c>gateway_mode_ipv4</c>).</summary>
public enum GatewayMode
{
    /// <summary>Behind the host's address: published ports are translated, everything else from outside is dropped.</summary>
    Nat,

    /// <summary>As <see cref="Nat"/>, but whoever has a route to the subnet reaches every port.</summary>
    NatUnprotected,

    /// <summary>By the sandboxes' own addresses: published ports are opened there, nothing is translated.</summary>
    Routed,

    /// <summary>Internal networks only: the bridge has no address, sandboxes cannot reach the host either.</summary>
    Isolated,
}

namespace Networking.Drivers;

/// <summary>Where the gateway of a subnet comes from.</summary>
public enum GatewayRule
{
    /// <summary>This host is the router: the address asked for, else the first of the subnet.</summary>
    Host,

    /// <summary>A router outside: only if the user names it. Else no address is set aside, and nobody routes by it.</summary>
    Outside,

    /// <summary>Nobody routes: endpoints may have every address.</summary>
    None,
}

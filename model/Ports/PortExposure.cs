namespace Networking.Model;

/// <summary>Who may reach a published port, from few to many.</summary>
public enum PortExposure
{
    /// <summary>Only processes of the host itself, by any of its addresses.</summary>
    Loopback,

    /// <summary>Besides, containers of this host, and clients with a private, unique local or link-local address.</summary>
    Lan,

    /// <summary>Everybody who has a route to the host.</summary>
    World,
}

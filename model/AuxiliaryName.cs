namespace Networking.Model;

/// <summary>Names of auxiliary addresses that mean something (FACTS 1.4, Gateway).</summary>
public static class AuxiliaryName
{
    /// <summary>Sandboxes route IPv4 by this address; the bridge keeps the subnet's gateway.</summary>
    public const string DefaultGateway4 = "DefaultGatewayIPv4";

    /// <summary>Sandboxes route IPv6 by this address, which may be link-local; the bridge keeps the subnet's gateway.</summary>
    public const string DefaultGateway6 = "DefaultGatewayIPv6";

    /// <summary>The host's own address on a network that it would not reach else: its shim.</summary>
    public const string HostShim = "host-shim";

    /// <summary>An address that the host has on the segment already: it must not be given to anybody else.</summary>
    public static string HostOn(string link, int number) => number == 0 ? $"host-{link}" : $"host-{link}-{number + 1}";

    /// <summary>The name that gives a family its default gateway.</summary>
    public static string DefaultGatewayOf(bool isIpv6) => isIpv6 ? DefaultGateway6 : DefaultGateway4;
}

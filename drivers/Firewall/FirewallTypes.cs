using Networking.Kernel;

namespace Networking.Drivers;

/// <summary>The two families' words for the same thing.</summary>
internal static class FirewallTypes
{
    public static FirewallType Address(bool isIpv6) => isIpv6 ? FirewallType.Ipv6Address : FirewallType.Ipv4Address;

    public static FirewallField Source(bool isIpv6) => isIpv6 ? FirewallField.Ipv6Source : FirewallField.Ipv4Source;

    public static FirewallField Destination(bool isIpv6) => isIpv6 ? FirewallField.Ipv6Destination : FirewallField.Ipv4Destination;
}

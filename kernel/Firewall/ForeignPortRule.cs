using System.Net;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// A rule of somebody else that takes packets by their port or destination: it rewrites the destination before they are routed, so that
/// the port cannot be published by us, for that rule may see the packets first (FACTS 1.4); or it drops them.
/// </summary>
/// <param name="Family">Family of its table as nft writes it: <c>ip</c>, <c>ip6</c> or <c>inet</c>.</param>
/// <param name="Table">Name of its table.</param>
/// <param name="Chain">The chain the rule stands in.</param>
/// <param name="Protocol">IANA protocol number that it asks for; null if it asks for none.</param>
/// <param name="Ports">Destination ports that it asks for; null if it asks for none, and takes them all.</param>
/// <param name="Destination">Destination address or prefix that it asks for; null if it asks for none.</param>
public sealed record ForeignPortRule(
    string Family, string Table, string Chain, byte? Protocol, PortRange? Ports, IPNetwork? Destination)
{
    /// <summary>True if the rule may take packets to these ports.</summary>
    /// <param name="protocol">IANA protocol number.</param>
    /// <param name="ports">Ports that packets come to.</param>
    /// <param name="address">Address that they come to; null for all of a family.</param>
    /// <param name="isIpv6">The family.</param>
    public bool Takes(byte protocol, PortRange ports, IPAddress? address, bool isIpv6) =>
        Family != (isIpv6 ? "ip" : "ip6")
        && (Protocol ?? protocol) == protocol
        && (Ports ?? ports).Overlaps(ports)
        && (Destination is not { } prefix
            || (address is null ? prefix.BaseAddress.GetAddressBytes().Length == (isIpv6 ? 16 : 4) : prefix.Contains(address)));

    /// <summary>The rule in words, such as <c>chain ip nat DOCKER: tcp port 8080</c>.</summary>
    public override string ToString()
    {
        var protocol = Protocol is { } number ? FirewallText.Protocol(number) : "any protocol";
        return $"chain {Family} {Table} {Chain}: {protocol} {(Ports is { } ports ? $"port {ports}" : "any port")}{(Destination is { } prefix ? $" to {prefix}" : string.Empty)}";
    }
}

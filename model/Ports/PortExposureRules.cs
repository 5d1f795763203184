using System.Collections.Immutable;
using System.Net;

namespace Networking.Model;

/// <summary>
/// Which clients each exposure means. The firewall's sets are filled from the prefixes, the forwarder asks by address, so
/// that both answer alike.
/// </summary>
public static class PortExposureRules
{
    /// <summary>
    /// IPv4 sources that count as near: private (RFC 1918), shared by a provider (RFC 6598), loopback, link-local (RFC 3927).
    /// Ascending, disjoint.
    /// </summary>
    public static ImmutableArray<IPNetwork> LanPrefixes4 { get; } =
    [
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
    ];

    /// <summary>IPv6 sources that count as near: loopback, unique local (RFC 4193), link-local (RFC 4291). Ascending, disjoint.</summary>
    public static ImmutableArray<IPNetwork> LanPrefixes6 { get; } =
    [
        IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/10"),
    ];

    /// <summary>True if the address is near by itself, whoever has it; IPv4-mapped addresses count as IPv4.</summary>
    public static bool IsLan(IPAddress client)
    {
        ArgumentNullException.ThrowIfNull(client);
        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        foreach (var prefix in Prefix.BitsOf(address) == 32 ? LanPrefixes4 : LanPrefixes6)
        {
            if (Prefix.Contains(prefix, address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True if a client may reach a port that is exposed like this.</summary>
    /// <param name="exposure">Of the port.</param>
    /// <param name="client">Source address of the packet.</param>
    /// <param name="isHosts">Tells whether the host itself has an address; asked only if the answer depends on it.</param>
    /// <param name="isContainers">Likewise, whether a container of this host has it.</param>
    public static bool Admits(PortExposure exposure, IPAddress client, Func<IPAddress, bool> isHosts, Func<IPAddress, bool> isContainers)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(isHosts);
        ArgumentNullException.ThrowIfNull(isContainers);
        return exposure switch
        {
            PortExposure.World => true,
            PortExposure.Lan => IsLan(client) || isHosts(client) || isContainers(client),
            _ => IPAddress.IsLoopback(client) || isHosts(client),
        };
    }
}

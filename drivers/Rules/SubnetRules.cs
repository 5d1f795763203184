using System.Net;
using System.Net.Sockets;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>Which subnets and gateways a network of any driver may have.</summary>
internal static class SubnetRules
{
    // Addresses that no endpoint can be reached by, whatever the prefix.
    private static readonly (IPNetwork Prefix, string Name)[] Special =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "unspecified"),
        (IPNetwork.Parse("127.0.0.0/8"), "loopback"),
        (IPNetwork.Parse("169.254.0.0/16"), "link-local"),
        (IPNetwork.Parse("224.0.0.0/4"), "multicast"),
        (IPNetwork.Parse("255.255.255.255/32"), "broadcast"),
        (IPNetwork.Parse("::/128"), "unspecified"),
        (IPNetwork.Parse("::1/128"), "loopback"),
        (IPNetwork.Parse("::ffff:0:0/96"), "IPv4-mapped"),
        (IPNetwork.Parse("fe80::/10"), "link-local"),
        (IPNetwork.Parse("ff00::/8"), "multicast"),
    ];

    public static void Check(NetworkSpec spec, ICollection<Problem> problems)
    {
        foreach (var subnet in spec.Subnets)
        {
            CheckPrefix(spec, subnet.Prefix, problems);
            if (subnet.Gateway is { } gateway)
            {
                CheckGateway(subnet.Prefix, gateway, problems);
            }
        }
    }

    /// <summary>At most one subnet a family, for drivers whose device has one gateway a family.</summary>
    public static void CheckOneEach(NetworkSpec spec, string driver, ICollection<Problem> problems)
    {
        foreach (var family in spec.Subnets.Select(static s => s.Prefix).GroupBy(IsIpv6).Where(static g => g.Count() > 1))
        {
            problems.Add(new Problem(
                "subnet.too-many",
                "--subnet",
                $"{family.Count()} {FamilyOf(family.Key)} subnets ({string.Join(", ", family)}), and a {driver} network has one",
                "make a network for each"));
        }
    }

    public static bool IsIpv6(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    public static string FamilyOf(bool isIpv6) => isIpv6 ? "IPv6" : "IPv4";

    private static void CheckPrefix(NetworkSpec spec, IPNetwork prefix, ICollection<Problem> problems)
    {
        var isIpv6 = IsIpv6(prefix);
        if (!(isIpv6 ? spec.Ipv6 : spec.Ipv4))
        {
            problems.Add(new Problem(
                "subnet.family-off",
                "--subnet",
                $"subnet {prefix} is {FamilyOf(isIpv6)}, which is off on this network",
                isIpv6 ? "add --ipv6, or leave the subnet out" : "turn IPv4 on, or leave the subnet out"));
        }

        var met = Special.Where(s => Prefix.Overlaps(s.Prefix, prefix)).ToArray();
        if (met.Length > 0)
        {
            problems.Add(new Problem(
                "subnet.special",
                "--subnet",
                $"subnet {prefix} overlaps {string.Join(" and ", met.Select(static s => $"{s.Prefix} ({s.Name})"))}",
                isIpv6 ? "take one of fd00::/8 or of your own" : "take one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"));
        }

        // A /31 (RFC 3021) and a /127 (RFC 6164) have no network, broadcast or anycast address: a gateway and one endpoint.
        var bits = Prefix.BitsOf(prefix.BaseAddress);
        if (prefix.PrefixLength == bits)
        {
            problems.Add(new Problem(
                "subnet.too-small",
                "--subnet",
                $"subnet {prefix} has one address, and a network needs a gateway and room for an endpoint",
                $"a /{bits - 1} fits the gateway and one endpoint, a /{bits - 8} fits {(isIpv6 ? 254 : 253)} endpoints"));
        }
    }

    private static void CheckGateway(IPNetwork prefix, IPAddress gateway, ICollection<Problem> problems)
    {
        if (!Prefix.Contains(prefix, gateway))
        {
            problems.Add(new Problem(
                "gateway.outside", "--gateway", $"gateway {gateway} is outside its subnet {prefix}", "choose an address inside it"));
            return;
        }

        if (Prefix.BitsOf(gateway) - prefix.PrefixLength < 2)
        {
            return;
        }

        var isFirst = gateway.Equals(prefix.BaseAddress);
        var isBroadcast = !IsIpv6(prefix) && gateway.Equals(Prefix.LastAddress(prefix));
        if (isFirst || isBroadcast)
        {
            var role = isBroadcast ? "broadcast address" : IsIpv6(prefix) ? "subnet-router anycast address" : "network address";
            var first = Prefix.FromNumber(Prefix.ToNumber(prefix.BaseAddress) + 1, IsIpv6(prefix));
            problems.Add(new Problem(
                "gateway.unusable", "--gateway", $"gateway {gateway} is the {role} of {prefix}", $"the first usable one is {first}"));
        }
    }
}

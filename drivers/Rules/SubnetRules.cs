using System.Net;
using System.Net.Sockets;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>Which subnets and gateways a network of any driver may have.</summary>
internal static class SubnetRules
{
    public static void Check(NetworkSpec spec, ICollection<Problem> problems)
    {
        foreach (var subnet in spec.Subnets)
        {
            CheckPrefix(spec, subnet.Prefix, subnet.IsSizeOnly, problems);
            if (subnet.IsSizeOnly)
            {
                CheckSizeOnly(subnet, problems);
                continue;
            }

            if (subnet.Gateway is { } gateway)
            {
                CheckGateway(subnet.Prefix, gateway, problems);
            }

            AuxiliaryRules.Check(subnet, problems);
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

    public static bool IsIpv6(IPNetwork prefix) => IsIpv6(prefix.BaseAddress);

    public static bool IsIpv6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    public static string FamilyOf(bool isIpv6) => isIpv6 ? "IPv6" : "IPv4";

    private static void CheckPrefix(NetworkSpec spec, IPNetwork prefix, bool isSizeOnly, ICollection<Problem> problems)
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

        // The addresses of a size alone are chosen later, from pools that were checked when they were configured.
        var met = isSizeOnly ? [] : SpecialPrefix.Overlapping(prefix);
        if (met.Count > 0)
        {
            problems.Add(new Problem(
                "subnet.special",
                "--subnet",
                $"subnet {prefix} overlaps {string.Join(" and ", met)}",
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

    // What is to be inside a subnet cannot be told before the subnet is known.
    private static void CheckSizeOnly(SubnetSpec subnet, ICollection<Problem> problems)
    {
        (string Field, string? Value)[] inside =
        [
            ("--gateway", subnet.Gateway?.ToString()),
            ("--ip-range", subnet.Range?.ToString()),
            .. subnet.AuxAddresses.Select(static a => ("--aux-address", (string?)$"{a.Key}={a.Value}")),
        ];
        foreach (var (field, value) in inside.Where(static i => i.Value is not null))
        {
            problems.Add(new Problem(
                "subnet.size-only",
                field,
                $"{field} {value} is inside {subnet.Prefix}, which asks for any free /{subnet.Prefix.PrefixLength}",
                $"give the subnet itself with --subnet, or leave {field} out"));
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

        if (RoleOf(prefix, gateway) is { } role)
        {
            var first = Prefix.FromNumber(Prefix.ToNumber(prefix.BaseAddress) + 1, IsIpv6(prefix));
            problems.Add(new Problem(
                "gateway.unusable", "--gateway", $"gateway {gateway} is the {role} of {prefix}", $"the first usable one is {first}"));
        }
    }

    /// <summary>What an address is by the rules of its family, such as <c>broadcast address</c>; null if an interface can have it.</summary>
    public static string? RoleOf(IPNetwork prefix, IPAddress address) =>
        Prefix.BitsOf(address) - prefix.PrefixLength < 2 ? null
        : address.Equals(prefix.BaseAddress) ? IsIpv6(prefix) ? "subnet-router anycast address" : "network address"
        : !IsIpv6(prefix) && address.Equals(Prefix.LastAddress(prefix)) ? "broadcast address"
        : null;
}

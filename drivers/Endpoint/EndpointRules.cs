using System.Net;
using System.Net.Sockets;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>What holds for an endpoint of any driver that gives it an interface of its own.</summary>
internal static class EndpointRules
{
    public const string DisableIpv6 = $"net.ipv6.conf.{InterfaceSysctl.Placeholder}.disable_ipv6";

    public static void Check(NetworkSpec network, EndpointSpec endpoint, ICollection<Problem> problems)
    {
        CheckNames(endpoint, problems);
        CheckAddress(endpoint.Ipv4, isIpv6: false, network.Ipv4, network.Name, problems);
        CheckAddress(endpoint.Ipv6, isIpv6: true, network.Ipv6, network.Name, problems);
        if (endpoint.Mac is { IsUnicast: false } mac)
        {
            problems.Add(new Problem(
                "mac.invalid",
                "--mac",
                mac.IsZero ? $"hardware address {mac} is zero" : $"hardware address {mac} is a multicast address",
                "the first byte must be even, such as 02:42:ac:11:00:02"));
        }

        // Addresses and routes would be asked of an interface that drops them: a state no repair can reach.
        var options = EndpointOptions.Parse(endpoint, problems);
        if (network.Ipv6 && options.Sysctls.TryGetValue(DisableIpv6, out var value) && value != "0")
        {
            problems.Add(new Problem(
                "sysctl.conflict",
                "--sysctl",
                $"sysctl {DisableIpv6}={value} turns IPv6 off on an endpoint of network {network.Name}, which has IPv6",
                "leave it out, or use a network without IPv6"));
        }
    }

    public static void CheckNames(EndpointSpec endpoint, ICollection<Problem> problems)
    {
        if (endpoint.Name is { } name && !ObjectName.IsValid(name))
        {
            problems.Add(new Problem(
                "name.invalid", "--name", $"'{name}' cannot be the name of an endpoint", $"a name is {ObjectName.Rule}"));
        }

        foreach (var (given, field, kind) in new[] { (endpoint.Service, "--service", "service"), (endpoint.Hostname, "--hostname", "host") })
        {
            if (given is not null && !ObjectName.IsValid(given))
            {
                problems.Add(new Problem("name.invalid", field, $"'{given}' cannot be the name of a {kind}", $"a name is {ObjectName.Rule}"));
            }
        }

        foreach (var alias in endpoint.Aliases.Where(static a => !ObjectName.IsValid(a)))
        {
            problems.Add(new Problem(
                "alias.invalid", "--alias", $"'{alias}' cannot be an alias of an endpoint", $"an alias is {ObjectName.Rule}"));
        }
    }

    private static void CheckAddress(
        IPAddress? address, bool isIpv6, bool isFamilyOn, string network, ICollection<Problem> problems)
    {
        if (address is null)
        {
            return;
        }

        var field = isIpv6 ? "--ip6" : "--ip";
        if (address.AddressFamily != (isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork))
        {
            problems.Add(new Problem(
                "address.family",
                field,
                $"{address} is not an {SubnetRules.FamilyOf(isIpv6)} address",
                $"give it as {(isIpv6 ? "--ip" : "--ip6")}"));
        }
        else if (!isFamilyOn)
        {
            problems.Add(new Problem(
                "address.family-off",
                field,
                $"address {address} is {SubnetRules.FamilyOf(isIpv6)}, which is off on network {network}",
                "leave it out, or use a network with that family"));
        }
    }
}

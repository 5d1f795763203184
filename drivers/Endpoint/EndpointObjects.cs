using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>What an interface in a sandbox has, however it got there: its addresses and its own sysctls.</summary>
internal static class EndpointObjects
{
    public static IEnumerable<AddressState> AddressesOf(EndpointView endpoint) =>
        from address in new[] { endpoint.Endpoint.Ipv4, endpoint.Endpoint.Ipv6 }
        where address is not null
        select new AddressState { Namespace = endpoint.Namespace, Link = endpoint.Endpoint.Interface, Address = address };

    public static IEnumerable<SysctlState> SysctlsOf(EndpointView endpoint, EndpointOptions asked)
    {
        // Who has turned IPv6 off in a sandbox has turned it off for what the sandbox has by itself: an endpoint's own address
        // was asked for. Where it is on, nothing is said of it.
        if (endpoint is { IsIpv6Off: true, Endpoint.Ipv6: not null } && !asked.Sysctls.ContainsKey(EndpointRules.DisableIpv6))
        {
            yield return Sysctl(endpoint, EndpointRules.DisableIpv6, "0");
        }

        foreach (var (key, value) in asked.Sysctls)
        {
            yield return Sysctl(endpoint, key, value);
        }
    }

    private static SysctlState Sysctl(EndpointView endpoint, string key, string value) => new()
    {
        Namespace = endpoint.Namespace,
        Link = endpoint.Endpoint.Interface,
        Path = InterfaceSysctl.PathOf(key, endpoint.Endpoint.Interface),
        Value = value,
    };
}

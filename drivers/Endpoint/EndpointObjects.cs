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

    public static IEnumerable<SysctlState> SysctlsOf(EndpointView endpoint, EndpointOptions asked) =>
        from sysctl in asked.Sysctls
        select new SysctlState
        {
            Namespace = endpoint.Namespace,
            Link = endpoint.Endpoint.Interface,
            Path = InterfaceSysctl.PathOf(sysctl.Key, endpoint.Endpoint.Interface),
            Value = sysctl.Value,
        };
}

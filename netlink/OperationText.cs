using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Says what an operation tries, without a subject: <c>create link br0 bridge</c>.</summary>
internal static class OperationText
{
    public static string Of(KernelOperation operation)
    {
        if (operation is { Verb: OperationVerb.Create, Target: LinkState { Details: ExistingLink } existing })
        {
            return $"use interface {existing.Name}";
        }

        var verb = operation.Verb switch
        {
            OperationVerb.Create => "create",
            OperationVerb.Change => "change",
            _ => "delete",
        };
        return $"{verb} {operation.Target.Describe()}";
    }

    /// <summary>What the kernel means by refusing to make something where it says no more than a number; null if that is not known.</summary>
    public static string? Meaning(KernelOperation operation, int errno) => (operation.Target, errno) switch
    {
        (LinkState link, Errno.NotSupported) => MissingFeature(link),
        (LinkState { Details: MacvlanLink macvlan }, Errno.Invalid) =>
            $"a macvlan in mode passthru has {macvlan.Parent} to itself, or would have to share it; ip -d link shows who is on it, also in other namespaces",
        (LinkState { Master.Length: > 0 } port, Errno.Full) =>
            $"bridge {port.Master} has 1,023 ports, which is all that the kernel gives one (BR_MAX_PORTS)",
        (AddressState { Address.Address.AddressFamily: AddressFamily.InterNetworkV6 } address, Errno.Access) =>
            $"IPv6 is turned off on {address.Link}; sysctl -w net.ipv6.conf.{address.Link}.disable_ipv6=0 there, and it goes on",
        _ => null,
    };

    private static string? MissingFeature(LinkState link) => link.Details switch
    {
        VlanLink => "802.1Q (CONFIG_VLAN_8021Q) is not in this kernel",
        MacvlanLink => "macvlan (CONFIG_MACVLAN) is not in this kernel",
        VxlanLink => "VXLAN (CONFIG_VXLAN) is not in this kernel",
        DummyLink => "the dummy device (CONFIG_DUMMY) is not in this kernel",
        BridgeLink => "the Ethernet bridge (CONFIG_BRIDGE) is not in this kernel",
        VethLink => "veth (CONFIG_VETH) is not in this kernel",
        _ => null,
    };
}

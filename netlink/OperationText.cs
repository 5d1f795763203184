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

    /// <summary>What would provide a kind of link that this kernel does not know.</summary>
    public static string? MissingFeature(KernelOperation operation) => operation.Target is not LinkState link ? null : link.Details switch
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

using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// An interface of the host that networks stand on. It is a scope of its own, because several networks may share it: what
/// is wrong with it is said once, and a VLAN interface of ours lives as long as the last of them.
/// </summary>
public static class ParentComposer
{
    /// <summary>Its objects: an interface that is there is only looked at, a VLAN that is not is made.</summary>
    /// <param name="link">Its name.</param>
    /// <param name="vlan">What to make; null if it is there without us.</param>
    /// <param name="ownerTag">Mark of this daemon instance.</param>
    public static KernelState Desired(string link, VlanName? vlan, string ownerTag) => vlan is null
        ? KernelState.Of(
            new LinkState
            {
                Namespace = NetNs.Host,
                Name = link,
                Details = new ExistingLink(string.Empty) { IsLeftAlone = true },
                IsUp = true,
            })
        : KernelState.Of(
            new LinkState
            {
                Namespace = NetNs.Host,
                Name = link,
                Details = new VlanLink(vlan.Base, vlan.VlanId),
                Alias = Ownership.AliasOf(ownerTag, ScopeId.OfParent(link)),
                IsUp = true,

                // The VLAN is the sandboxes': the host has no business on it.
                HasLinkLocal = false,
            },
            new SysctlState
            {
                Namespace = NetNs.Host,
                Link = link,
                Path = $"net/ipv6/conf/{link}/accept_ra",
                Value = "0",
                MayBeMissing = true,
            });
}

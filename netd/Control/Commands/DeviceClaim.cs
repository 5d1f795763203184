using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>The device of a network on the host, as granted.</summary>
/// <param name="Name">Its name; empty if there is none.</param>
/// <param name="WasThere">It stood there before and outlives the network.</param>
/// <param name="Segment">The interface of the host that is on the network's segment already; null if none is.</param>
internal sealed record ClaimedDevice(string Name, bool WasThere, HostLink? Segment)
{
    public static ClaimedDevice None { get; } = new(string.Empty, false, null);
}

/// <summary>Claims the device of a network: one of its own, one to adopt, or a parent that it may share with others.</summary>
/// <param name="state">What is granted.</param>
/// <param name="traits">What the network is.</param>
/// <param name="facts">The host as it was read just before.</param>
internal sealed class DeviceClaim(NodeState state, NetworkTraits traits, HostFacts facts)
{
    private const int LinkNameDigits = 12; // br- and 12 digits are IFNAMSIZ - 1 bytes

    public List<Problem> Problems { get; } = [];

    public ClaimedDevice Claim(NetworkId id) =>
        traits.Parent is { } parent ? ClaimParent(parent)
        : traits.DevicePrefix is not { } prefix ? ClaimedDevice.None
        : traits.DeviceName is { } asked ? ClaimNamed(asked)
        : new ClaimedDevice(prefix + id.Value[..LinkNameDigits], false, null);

    private ClaimedDevice ClaimNamed(string asked)
    {
        if (state.LinkNames.TryGetValue(asked, out var holder))
        {
            Problems.Add(new Problem(
                "link.taken", "name", $"device {asked} belongs to network {state.Networks[holder].Name}", "choose another device name"));
            return new ClaimedDevice(asked, false, null);
        }

        if (state.Parents.All.TryGetValue(asked, out var entry))
        {
            Problems.Add(new Problem("link.taken", "name", $"device {asked} is the parent of {UsersOf(entry)}", "choose another device name"));
            return new ClaimedDevice(asked, false, null);
        }

        var found = Find(asked);
        if (found is { Kind: not "bridge" })
        {
            Problems.Add(new Problem(
                "link.kind",
                "name",
                $"device {asked} exists and is not a bridge but {(found.Kind.Length == 0 ? "hardware" : found.Kind)}",
                "choose a name that no device has, or that of a bridge to adopt"));
        }

        // A bridge with our own mark is one that is on its way out, or back after a restart: made anew, not adopted.
        var adopted = found is null || IsOurs(found) ? null : found;
        return new ClaimedDevice(asked, adopted is not null, adopted);
    }

    private ClaimedDevice ClaimParent(ParentNeed parent)
    {
        var found = Find(parent.Link);
        if (state.Parents.All.TryGetValue(parent.Link, out var entry))
        {
            CheckCompany(parent, entry);
            return new ClaimedDevice(parent.Link, entry.Vlan is null, found);
        }

        // One of ours that no entry knows is on its way out; a VLAN is made anew, all else belongs to a network or endpoint.
        var isThere = found is not null && !IsOurs(found);
        var below = isThere || found is { Kind: not "vlan" } ? parent.Link : VlanName.Of(parent.Link).Base;
        if (Find(below) is { } link && (state.LinkNames.ContainsKey(below) || IsOurs(link)) && !state.Parents.All.ContainsKey(below))
        {
            var owner = state.LinkNames.TryGetValue(below, out var id) ? $"network {state.Networks[id].Name}" : "netd itself";
            Problems.Add(new Problem(
                "parent.ours", "-o parent", $"interface {below} belongs to {owner} and cannot be the parent of another network", "connect to that network, or choose another parent"));
        }

        return new ClaimedDevice(parent.Link, isThere, isThere ? found : null);
    }

    private void CheckCompany(ParentNeed parent, ParentEntry entry)
    {
        var loner = entry.Networks.Select(n => state.Networks[n]).FirstOrDefault(static n => n.Traits.Parent is { IsAlone: true });
        if (loner is not null)
        {
            Problems.Add(new Problem(
                "parent.taken",
                "-o parent",
                $"network {loner.Name} has parent interface {parent.Link} to itself, in mode passthru",
                $"choose another parent, or netctl rm {loner.Name} first"));
        }
        else if (parent.IsAlone && !entry.Networks.IsEmpty)
        {
            Problems.Add(new Problem(
                "parent.taken",
                "-o macvlan_mode",
                $"cannot use mode passthru: {UsersOf(entry)} is using parent interface {parent.Link} already",
                "choose another mode or another parent"));
        }
    }

    private string UsersOf(ParentEntry entry) => entry.Networks
        .Select(n => state.Networks[n].Name)
        .Order(StringComparer.Ordinal)
        .Select(static n => $"network {n}")
        .Concat(entry.Vlans.Order(StringComparer.Ordinal).Select(static v => $"VLAN interface {v}"))
        .First(); // an entry that nobody uses is not kept

    private HostLink? Find(string name) => facts.Links.FirstOrDefault(l => l.Name == name);

    private bool IsOurs(HostLink link) => link.Alias?.StartsWith(state.OwnerTag, StringComparison.Ordinal) ?? false;
}

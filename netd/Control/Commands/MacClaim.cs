using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// Claims the hardware address of an endpoint. Two of the same on a segment get each other's packets, and of those on one
/// parent interface the kernel brings up the first only.
/// </summary>
internal static class MacClaim
{
    /// <summary>Adds a problem if an address that is asked for is somebody's on the same segment.</summary>
    public static void Check(NodeState state, NetworkEntry network, MacAddress? asked, List<Problem> problems)
    {
        if (asked is not { } mac)
        {
            return;
        }

        if (network.Traits.HasHostInterface && !network.Record.AdoptsLink && mac == network.Record.LinkMac)
        {
            problems.Add(Taken(mac, $"device {network.Record.LinkName} of network {network.Name}"));
        }

        foreach (var other in SegmentOf(state, network))
        {
            if (other.Macs.TryGetValue(mac, out var id))
            {
                var holder = state.Endpoints[id];
                problems.Add(Taken(mac, $"endpoint {holder.Name} in sandbox {state.Sandboxes[holder.SandboxId].Record.Name} on network {other.Name}"));
            }
        }
    }

    /// <summary>The address of an endpoint: its parent's, the one asked for, or one drawn that nobody has.</summary>
    public static MacAddress Of(NetworkEntry network, MacAddress? asked, IIdSource ids)
    {
        if (network.Traits.InterfacePrefix is null || network.Traits.HasParentMac)
        {
            return network.Traits.InterfacePrefix is null ? default : network.Record.LinkMac;
        }

        var mac = asked ?? ids.NewMac();
        while (asked is null && network.Macs.ContainsKey(mac))
        {
            mac = ids.NewMac();
        }

        return mac;
    }

    // Networks that stand on one parent are one segment; every other network is one by itself.
    private static IEnumerable<NetworkEntry> SegmentOf(NodeState state, NetworkEntry network) =>
        network.Traits.Parent is not null && state.Parents.All.TryGetValue(network.Record.LinkName, out var parent)
            ? parent.Networks.Select(id => state.Networks[id])
            : [network];

    private static Problem Taken(MacAddress mac, string holder) =>
        new("mac.taken", "--mac", $"hardware address {mac} belongs to {holder}", "choose another, or leave it out for one of its own");
}

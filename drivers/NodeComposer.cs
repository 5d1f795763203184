using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// What the networks of a node need of it together: that it forwards, and a firewall for them to be elements of.
/// </summary>
public static class NodeComposer
{
    private const string Forwarding4 = "net/ipv4/ip_forward";
    private const string Forwarding6 = "net/ipv6/conf/all/forwarding";
    private const string Forwarding6Default = "net/ipv6/conf/default/forwarding";

    /// <summary>
    /// The node's own objects: the firewall exactly as long as a network's packets meet the host, forwarding as long as one
    /// needs it.
    /// </summary>
    public static KernelState Desired(NodeView node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var objects = new List<KernelObject>();
        if (node.NeedsFirewall || node.NeedsForwarding4 || node.NeedsForwarding6)
        {
            // If we turn forwarding on, we must not make a router of a host that was none.
            objects.AddRange(NodeFirewall.Desired(
                isForwarding4Ours: node.NeedsForwarding4 && WasOff(node, Forwarding4),
                isForwarding6Ours: node.NeedsForwarding6 && WasOff(node, Forwarding6),
                admissionMark: node.ForeignChains.IsEmpty ? null : node.AdmissionMark,
                node.ForeignLinks));
        }

        if (node.NeedsForwarding4)
        {
            objects.Add(ForwardingSysctl(node, Forwarding4));
        }

        if (node.NeedsForwarding6)
        {
            objects.Add(ForwardingSysctl(node, Forwarding6));
            objects.Add(ForwardingSysctl(node, Forwarding6Default));
            objects.AddRange(AdvertisementSysctlsOf(node));
        }

        objects.AddRange(node.OwedSysctls.Select(path => Sysctl(node, path, "1") with { MayBeMissing = true }));
        return KernelState.Of(objects);
    }

    /// <summary>Our rules in forward chains of others that drop by default, as long as we have a firewall.</summary>
    public static KernelState Admissions(NodeView node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return KernelState.Of(node.NeedsFirewall
            ? node.ForeignChains.Select(c => new ForeignAdmissionState
            {
                Namespace = NetNs.Host,
                Family = c.Family,
                Table = c.Table,
                Chain = c.Chain,
                Mark = node.AdmissionMark,
            })
            : []);
    }

    /// <summary>
    /// Whether forwarding stays on when our last network goes, because others forward: they found it on, and would be cut off.
    /// </summary>
    /// <param name="others">Interfaces for which they forward.</param>
    /// <param name="path">A sysctl, below /proc/sys.</param>
    public static bool IsLeftTo(ImmutableArray<ForeignLink> others, string path) => path switch
    {
        Forwarding4 => others.Any(static l => !l.IsIpv6),
        Forwarding6 or Forwarding6Default => others.Any(static l => l.IsIpv6),
        _ => false,
    };

    // A router ignores router advertisements: a host with an uplink configured by them would lose its default route, at
    // once or when it expires. 2 means "accept them although forwarding is on". Written before forwarding is turned on.
    private static IEnumerable<SysctlState> AdvertisementSysctlsOf(NodeView node) =>
        WasOff(node, Forwarding6)
            ? node.RouterAdvertisementInterfaces
                .Distinct(StringComparer.Ordinal)
                .Select(link => Sysctl(node, $"net/ipv6/conf/{link}/accept_ra", "2"))
            : [];

    private static bool WasOff(NodeView node, string path) => node.OriginalSysctls.GetValueOrDefault(path) == "0";

    private static SysctlState ForwardingSysctl(NodeView node, string path)
    {
        var sysctl = Sysctl(node, path, "1");
        return IsLeftTo(node.ForeignLinks, path) ? sysctl with { Original = null } : sysctl;
    }

    private static SysctlState Sysctl(NodeView node, string path, string value) => new()
    {
        Namespace = NetNs.Host,
        Path = path,
        Value = value,
        Original = node.OriginalSysctls.GetValueOrDefault(path),
    };
}

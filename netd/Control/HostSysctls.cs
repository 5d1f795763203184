using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>The sysctls that the daemon may have to change, whose values from before are kept with the intent.</summary>
internal static class HostSysctls
{
    public const string Forwarding4 = "net/ipv4/ip_forward";
    public const string Forwarding6 = "net/ipv6/conf/all/forwarding";
    private const string Forwarding6Default = "net/ipv6/conf/default/forwarding";
    private const string AdvertisementPrefix = "net/ipv6/conf/";
    private const string AdvertisementSuffix = "/accept_ra";

    private const string Ipv6IsOff = "net/ipv6/conf/default/disable_ipv6"; // all/disable_ipv6 sets it too

    /// <summary>Values of a sandbox's namespace.</summary>
    public static ImmutableArray<string> OfSandbox { get; } = ["net/ipv6/conf/default/accept_ra", Ipv6IsOff];

    /// <summary>Whether new interfaces of a sandbox come without IPv6: as its namespace was when it was first opened.</summary>
    public static bool IsIpv6OffIn(SandboxRecord sandbox) => sandbox.OriginalSysctls.GetValueOrDefault(Ipv6IsOff) is { } value && value != "0";

    /// <summary>What of the values of a namespace of our own is to be known later: nothing of it is ever put back.</summary>
    public static ImmutableSortedDictionary<string, string> OfOwn(ImmutableSortedDictionary<string, string> sysctls) =>
        sysctls.RemoveRange(sysctls.Keys.Where(static k => k != Ipv6IsOff));

    /// <summary>Values of the host that do not depend on its interfaces.</summary>
    public static ImmutableArray<string> OfHost { get; } = [Forwarding4, Forwarding6, Forwarding6Default];

    /// <summary>Whether the host must forward IPv4 for a network: an internal network's packets stay on its bridge.</summary>
    public static bool NeedsForwarding4(NetworkRecord network, NetworkTraits traits) =>
        traits.IsRoutedByHost && network is { Ipv4: not null, Spec.Internal: false };

    /// <summary>Whether the host must forward IPv6 for a network.</summary>
    public static bool NeedsForwarding6(NetworkRecord network, NetworkTraits traits) =>
        traits.IsRoutedByHost && network is { Ipv6: not null, Spec.Internal: false };

    /// <summary>
    /// The path of a value that a network needs on a device which it has adopted, and which must be as it was when the network goes;
    /// null if there is none.
    /// </summary>
    public static string? OfAdopted(NetworkRecord network, NetworkTraits traits) =>
        traits.IsReachedFromLoopback && network is { AdoptsLink: true, Ipv4: not null } ? LinkSysctls.RouteLocalnetOf(network.LinkName) : null;

    /// <summary>Values of adopted devices that are written down though no network needs them changed any more.</summary>
    public static ImmutableArray<string> OwedTo(NodeState state) =>
    [
        .. state.Node.OriginalSysctls.Keys.Where(path => LinkSysctls.LinkOfRouteLocalnet(path) is { } link
            && !(state.LinkNames.TryGetValue(link, out var id) && state.Networks[id] is var network && OfAdopted(network.Record, network.Traits) == path)),
    ];

    /// <summary>Interfaces whose accept_ra was written down because they have a route from router advertisements.</summary>
    public static ImmutableArray<string> AdvertisementLinks(NodeRecord node) =>
    [
        .. node.OriginalSysctls.Keys
            .Where(IsAdvertisement)
            .Select(static k => k[AdvertisementPrefix.Length..^AdvertisementSuffix.Length]),
    ];

    /// <summary>
    /// The node with the values written down that its networks make us change. A value once written down stays until it
    /// was put back: what is read later may be our own doing.
    /// </summary>
    /// <param name="next">What will be granted.</param>
    /// <param name="facts">What the host was like.</param>
    /// <param name="adopted">What a network will need on a device that it adopts (<see cref="OfAdopted"/>).</param>
    public static NodeRecord Remember(NodeState next, HostFacts facts, string? adopted)
    {
        var (node, originals) = (next.Node, next.Node.OriginalSysctls);
        if (next.Forwarding4 > 0)
        {
            originals = Keep(originals, facts, Forwarding4);
        }

        if (next.Forwarding6 > 0 && !originals.ContainsKey(Forwarding6))
        {
            originals = Keep(originals, facts, Forwarding6);
            originals = Keep(originals, facts, Forwarding6Default);
            foreach (var link in facts.RouterAdvertisementLinks)
            {
                originals = Keep(originals, facts, AdvertisementOf(link));
            }
        }

        if (adopted is not null)
        {
            originals = Keep(originals, facts, adopted);
        }

        return ReferenceEquals(originals, node.OriginalSysctls) ? node : node with { OriginalSysctls = originals };
    }

    /// <summary>The values written down without those that nobody needs changed any more.</summary>
    /// <param name="state">What is granted.</param>
    /// <param name="settled">A scope that is as asked, so that what it had changed is put back.</param>
    public static ImmutableSortedDictionary<string, string> Forget(NodeState state, SettledScope settled)
    {
        var (originals, isNode) = (state.Node.OriginalSysctls, settled.Scope == ScopeId.Node);
        if (isNode && settled.Revision < state.NodeRevision)
        {
            return originals; // it was as asked, and is asked otherwise since
        }

        originals = originals.RemoveRange(OwedTo(state).Where(path => state.Owed.GetValueOrDefault(path, ScopeId.Node) == settled.Scope));
        if (!isNode)
        {
            return originals;
        }

        originals = state.Forwarding4 > 0 ? originals : originals.Remove(Forwarding4);
        return state.Forwarding6 > 0
            ? originals
            : originals.RemoveRange(originals.Keys.Where(static k => k is Forwarding6 or Forwarding6Default || IsAdvertisement(k)));
    }

    /// <summary>Sysctls of an endpoint that no interface has on this kernel: what it gives new interfaces tells which there are.</summary>
    public static IEnumerable<Problem> Unknown(EndpointSpec spec)
    {
        foreach (var key in EndpointOptions.Parse(spec, []).Sysctls.Keys)
        {
            var path = $"/proc/sys/{InterfaceSysctl.PathOf(key, "default")}";
            if (!File.Exists(path) && Directory.Exists(Path.GetDirectoryName(path)))
            {
                yield return new Problem(
                    "sysctl.unknown", "--sysctl", $"this kernel has no sysctl {key}", $"ls {Path.GetDirectoryName(path)} lists those it has");
            }
        }
    }

    /// <summary>The path of an interface's accept_ra.</summary>
    public static string AdvertisementOf(string link) => $"{AdvertisementPrefix}{link}{AdvertisementSuffix}";

    private static bool IsAdvertisement(string path) =>
        path.StartsWith(AdvertisementPrefix, StringComparison.Ordinal) && path.EndsWith(AdvertisementSuffix, StringComparison.Ordinal);

    private static ImmutableSortedDictionary<string, string> Keep(
        ImmutableSortedDictionary<string, string> originals, HostFacts facts, string path) =>
        originals.ContainsKey(path) || !facts.Sysctls.TryGetValue(path, out var value) ? originals : originals.Add(path, value);
}

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

    /// <summary>Interfaces whose accept_ra was written down because they have a route from router advertisements.</summary>
    public static ImmutableArray<string> AdvertisementLinks(NodeRecord node) =>
    [
        .. node.OriginalSysctls.Keys
            .Where(static k => k.StartsWith(AdvertisementPrefix, StringComparison.Ordinal) && k.EndsWith(AdvertisementSuffix, StringComparison.Ordinal))
            .Select(static k => k[AdvertisementPrefix.Length..^AdvertisementSuffix.Length]),
    ];

    /// <summary>
    /// The node with the values written down that its networks make us change. A value once written down stays until it
    /// was put back: what is read later may be our own doing.
    /// </summary>
    public static NodeRecord Remember(NodeRecord node, HostFacts facts, bool needs4, bool needs6)
    {
        var originals = node.OriginalSysctls;
        if (needs4)
        {
            originals = Keep(originals, facts, Forwarding4);
        }

        if (needs6 && !originals.ContainsKey(Forwarding6))
        {
            originals = Keep(originals, facts, Forwarding6);
            originals = Keep(originals, facts, Forwarding6Default);
            foreach (var link in facts.RouterAdvertisementLinks)
            {
                originals = Keep(originals, facts, AdvertisementOf(link));
            }
        }

        return ReferenceEquals(originals, node.OriginalSysctls) ? node : node with { OriginalSysctls = originals };
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

    private static ImmutableSortedDictionary<string, string> Keep(
        ImmutableSortedDictionary<string, string> originals, HostFacts facts, string path) =>
        originals.ContainsKey(path) || !facts.Sysctls.TryGetValue(path, out var value) ? originals : originals.Add(path, value);
}

using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;
using IHost = Networking.Kernel.IHost;

namespace Networking.Netd.Firewall;

/// <summary>What others do to forwarded packets, as far as our own firewall follows it.</summary>
/// <param name="Chains">Chains that a rule of ours has to stand in.</param>
/// <param name="Links">Interfaces that they forward for.</param>
internal sealed record ForeignForwarding(ImmutableArray<ForeignChain> Chains, ImmutableArray<ForeignLink> Links)
{
    /// <summary>Reads it.</summary>
    /// <param name="features">Reads the rules.</param>
    /// <param name="host">Tells what kind of interface a rule names.</param>
    /// <param name="firewall">What our own firewall is.</param>
    /// <param name="mayAsk">Whether rules of ours may stand in chains of others.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="KernelException">The rules, or the interfaces they name, could not be read.</exception>
    public static async Task<ForeignForwarding> ReadAsync(
        IFeatureProbe features, IHost host, FirewallChoice firewall, bool mayAsk, CancellationToken cancellationToken)
    {
        var drops = mayAsk ? await features.ForeignForwardDropsAsync(cancellationToken) : [];
        var links = await features.ForeignLinksAsync(cancellationToken);
        return new ForeignForwarding(
            [.. ForeignObstacles.Of(firewall, drops)],
            links.Any(static l => l.IsGuarded) ? Judged(links, await host.ReadAsync([], cancellationToken)) : links);
    }

    /// <summary>
    /// The links, guarded only where sandboxes of others may be behind: bridges that are not the host's own way out. Who filters what
    /// leaves by an uplink means the host's packets, and everybody's; what is not there yet may become a bridge.
    /// </summary>
    internal static ImmutableArray<ForeignLink> Judged(ImmutableArray<ForeignLink> links, HostFacts facts)
    {
        var kinds = facts.Links.ToDictionary(static l => l.Name, static l => l.Kind, StringComparer.Ordinal);
        var uplinks = facts.Routes.Where(static r => r.Destination.PrefixLength == 0).Select(static r => r.Link).ToHashSet(StringComparer.Ordinal);
        return [.. links.Select(l => l with { IsGuarded = l.IsGuarded && kinds.GetValueOrDefault(l.Name, "bridge") == "bridge" && !uplinks.Contains(l.Name) })];
    }
}

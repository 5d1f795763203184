using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>A feature of the kernel that networks may need.</summary>
/// <param name="Name">Such as <c>bridge</c> or <c>802.1Q</c>.</param>
/// <param name="IsPresent">Whether it works here: tried, not guessed.</param>
/// <param name="IsRequired">Whether nothing works without it.</param>
/// <param name="Detail">What the kernel said.</param>
/// <param name="Remedy">What would provide it.</param>
public sealed record KernelFeature(string Name, bool IsPresent, bool IsRequired, string Detail, string Remedy)
{
    /// <summary>Whether it is needed only where the host's firewall is nf_tables.</summary>
    public bool IsFirewall { get; init; }
}

/// <summary>Finds out what this kernel can do and what else filters on this host.</summary>
public interface IFeatureProbe
{
    /// <summary>Tries each feature in a throw-away namespace.</summary>
    Task<ImmutableArray<KernelFeature>> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Asks what could be the host's firewall, and leaves no trace. Where nf_tables has a table of ours it is known to work; else it is
    /// tried. The programs of iptables are looked for if that fails.
    /// </summary>
    /// <param name="isForIptables">True if iptables was asked for by name: then its programs are looked for, and nf_tables is not tried.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<FirewallFacts> FirewallAsync(bool isForIptables, CancellationToken cancellationToken);

    /// <summary>
    /// How many rules stand in the user's own chain of iptables (<see cref="Ownership.IptablesUserChain"/>), both families; 0 if
    /// there is no such chain, or iptables is not installed.
    /// </summary>
    Task<int> UserRulesAsync(CancellationToken cancellationToken);

    /// <summary>Forward chains of others, in nf_tables (also those of iptables-nft) and of iptables-legacy, that drop what nothing accepts.</summary>
    Task<ImmutableArray<ForeignDrop>> ForeignForwardDropsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Interfaces that others have rules for, in forward chains of nf_tables (also those of iptables-nft) and in chains reached from those:
    /// rules that ask for nothing but interfaces by their whole names, and accept, drop, or lead to another chain. Best effort: of a table
    /// the first 16,384 rules, at most sixty-four interfaces; sets and verdict maps are passed over, and so is iptables-legacy.
    /// </summary>
    Task<ImmutableArray<ForeignLink>> ForeignLinksAsync(CancellationToken cancellationToken);

    /// <summary>Input chains that do the same with packets to the host itself, which published ports meet that the daemon serves by itself.</summary>
    Task<ImmutableArray<ForeignDrop>> ForeignInputDropsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Rules of others in nf_tables (also those of iptables-nft) that rewrite destinations, in nat chains of the host at
    /// prerouting or output and in chains reached from those. Best effort: of a table the first 4,096 rules; what a rule asks for
    /// besides protocol, destination port and destination address is passed over, and so are jumps by a verdict map.
    /// </summary>
    Task<ImmutableArray<ForeignPortRule>> ForeignTranslationsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Rules of others that drop or reject packets to a port or an address which they name, in filter chains at forward or at input and
    /// in those reached from them; by the same reading. Whether a rule before lets some of them pass is not told.
    /// </summary>
    /// <param name="isInput">True for packets to the host itself, else for forwarded ones.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<ImmutableArray<ForeignPortRule>> ForeignDropRulesAsync(bool isInput, CancellationToken cancellationToken);
}

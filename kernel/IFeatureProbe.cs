using System.Collections.Immutable;

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

/// <summary>
/// A forward chain of somebody else that drops what nothing accepts: by its policy, or by a last rule that drops or rejects
/// everything (firewalld, and the rules that Red Hat has always shipped).
/// </summary>
/// <param name="Family">Family of its table as nft writes it: <c>ip</c>, <c>ip6</c> or <c>inet</c>.</param>
/// <param name="Table">Name of its table.</param>
/// <param name="Chain">Its name.</param>
/// <param name="AdmissionChain">
/// Where a <see cref="ForeignAdmissionState"/> should stand: DOCKER-USER where the chain jumps to one, else the chain itself.
/// Null where we cannot put one: in a table of iptables-legacy, or one whose owner keeps all others out (NFT_TABLE_F_OWNER).
/// </param>
/// <param name="Remedy">The command that lets our packets pass; BRIDGE stands for the name of a network's bridge.</param>
public sealed record ForeignDrop(string Family, string Table, string Chain, string? AdmissionChain, string Remedy)
{
    /// <summary>True for a table of iptables-legacy, which nf_tables does not show.</summary>
    public bool IsLegacy { get; init; }
}

/// <summary>What could be the host's firewall.</summary>
/// <param name="NftablesProblem">What the kernel said to a table with NAT in nf_tables; null if it took it.</param>
/// <param name="IptablesVersion">What the programs of iptables on PATH say of themselves; null if they cannot be used.</param>
/// <param name="IsIptablesLegacy">Whether those programs change the older tables, which nf_tables does not show.</param>
/// <param name="IptablesProblem">Why they cannot be used; null if they can.</param>
public sealed record FirewallFacts(string? NftablesProblem, string? IptablesVersion, bool IsIptablesLegacy, string? IptablesProblem);

/// <summary>Finds out what this kernel can do and what else filters on this host.</summary>
public interface IFeatureProbe
{
    /// <summary>Tries each feature in a throw-away namespace.</summary>
    Task<ImmutableArray<KernelFeature>> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Tries what could be the host's firewall, without a trace.</summary>
    Task<FirewallFacts> FirewallAsync(CancellationToken cancellationToken);

    /// <summary>Forward chains of others, in nf_tables (also those of iptables-nft) and of iptables-legacy, that drop what nothing accepts.</summary>
    Task<ImmutableArray<ForeignDrop>> ForeignForwardDropsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Rules of others in nf_tables (also those of iptables-nft) that rewrite destinations, in nat chains of the host at
    /// prerouting or output and in chains reached from those. Best effort: of a table the first 4,096 rules; what a rule asks for
    /// besides protocol, destination port and destination address is passed over, and so are jumps by a verdict map.
    /// </summary>
    Task<ImmutableArray<ForeignTranslation>> ForeignTranslationsAsync(CancellationToken cancellationToken);
}

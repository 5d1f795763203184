using System.Collections.Immutable;

namespace Networking.Kernel;

/// <summary>A feature of the kernel that networks may need.</summary>
/// <param name="Name">Such as <c>bridge</c> or <c>802.1Q</c>.</param>
/// <param name="IsPresent">Whether it works here: tried, not guessed.</param>
/// <param name="IsRequired">Whether nothing works without it.</param>
/// <param name="Detail">What the kernel said.</param>
/// <param name="Remedy">What would provide it.</param>
public sealed record KernelFeature(string Name, bool IsPresent, bool IsRequired, string Detail, string Remedy);

/// <summary>A forward chain of somebody else that drops what nothing accepts.</summary>
/// <param name="Table">Family and name of its table.</param>
/// <param name="Chain">Its name.</param>
/// <param name="Remedy">The command that lets our packets pass.</param>
public sealed record ForeignDrop(string Table, string Chain, string Remedy);

/// <summary>Finds out what this kernel can do and what else filters on this host.</summary>
public interface IFeatureProbe
{
    /// <summary>Tries each feature in a throw-away namespace.</summary>
    Task<ImmutableArray<KernelFeature>> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Forward chains of others in nf_tables (also those of iptables-nft) with policy drop.</summary>
    Task<ImmutableArray<ForeignDrop>> ForeignForwardDropsAsync(CancellationToken cancellationToken);
}

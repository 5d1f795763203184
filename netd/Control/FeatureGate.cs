using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// Refuses by name what this kernel lacks, before anything is claimed. What was found once stays; what was missing is tried
/// again, because a module may have been loaded since.
/// </summary>
internal sealed class FeatureGate(IFeatureProbe probe)
{
    // Replaced whole: two requests beside each other try twice at most.
    private ImmutableHashSet<string> _present = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>A problem for each feature that is needed and missing.</summary>
    public async Task<ImmutableArray<Problem>> MissingAsync(ImmutableArray<FeatureNeed> needs, CancellationToken cancellationToken)
    {
        if (needs.All(n => Volatile.Read(ref _present).Contains(n.Feature)))
        {
            return [];
        }

        var features = await probe.ProbeAsync(cancellationToken);
        Volatile.Write(ref _present, features.Where(static f => f.IsPresent).Select(static f => f.Name).ToImmutableHashSet(StringComparer.Ordinal));
        return
        [
            .. from need in needs
               let feature = features.FirstOrDefault(f => f.Name == need.Feature)
               where feature is not { IsPresent: true }
               select new Problem(
                   "feature.missing",
                   need.Field,
                   $"this kernel lacks the feature {need.Feature}, which is needed {need.Purpose}",
                   $"use {feature?.Remedy ?? "another kernel"}{(need.Instead is null ? string.Empty : $", or {need.Instead}")}"),
        ];
    }
}

using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>What a driver says to a network on this very host.</summary>
/// <param name="Problems">Why it cannot be had here; none if it can.</param>
/// <param name="Warnings">What the user should know although it can.</param>
/// <param name="Features">What the kernel must have for it.</param>
public sealed record HostVerdict(ImmutableArray<Problem> Problems, ImmutableArray<string> Warnings, ImmutableArray<FeatureNeed> Features)
{
    /// <summary>Nothing of the host matters.</summary>
    public static HostVerdict Fine { get; } = new([], [], []);
}

/// <summary>A feature of the kernel that a network needs, by the name that the probe has for it.</summary>
/// <param name="Feature">Such as <c>macvlan</c>, <c>802.1Q</c>, <c>dummy</c>.</param>
/// <param name="Field">Which word of the request asks for it.</param>
/// <param name="Purpose">What for, such as <c>to make eth0.50</c>.</param>
/// <param name="Instead">What can be asked for without it; null if nothing.</param>
public sealed record FeatureNeed(string Feature, string Field, string Purpose, string? Instead);

using System.Collections.Immutable;

namespace Networking.Dns;

/// <summary>What the names of a sandbox say to a question.</summary>
public enum NameVerdictKind
{
    /// <summary>Nothing: others may know it.</summary>
    Unknown,

    /// <summary>It is there.</summary>
    Found,

    /// <summary>It is not there, and nobody else is to be asked: it would be one of ours.</summary>
    NoSuchName,
}

/// <summary>What the names of a sandbox say to a question.</summary>
/// <param name="Kind">Known or not.</param>
/// <param name="Targets">Those who have the name.</param>
/// <param name="IsService">The first two labels are port and protocol, the rest is the name.</param>
/// <param name="IsReverse">The name stands for the address of the one target.</param>
public readonly record struct NameVerdict(NameVerdictKind Kind, ImmutableSortedSet<NameTarget>? Targets, bool IsService = false, bool IsReverse = false)
{
    /// <summary>Others may know it.</summary>
    public static NameVerdict Unknown => default;

    /// <summary>It does not exist, whoever is asked.</summary>
    public static NameVerdict NoSuchName => new(NameVerdictKind.NoSuchName, null);
}

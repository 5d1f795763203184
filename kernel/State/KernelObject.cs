using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// One object of the kernel as a value: as desired (null attributes mean "whatever it is") or as observed
/// (every attribute that could be read). The closed family is <see cref="LinkState"/>, <see cref="AddressState"/>,
/// <see cref="RouteState"/>, <see cref="NeighborState"/>, <see cref="FdbState"/>, <see cref="RuleState"/>,
/// <see cref="SysctlState"/>, the firewall's table, chain, set and element, and <see cref="ForeignAdmissionState"/>.
/// </summary>
public abstract record KernelObject
{
    private protected KernelObject()
    {
    }

    /// <summary>The namespace it lives in.</summary>
    public required NetNs Namespace { get; init; }

    /// <summary>Its identity.</summary>
    public abstract ObjectKey Key { get; }

    /// <summary>The interface whose end takes this object along, as a key of kind <see cref="ObjectKind.Link"/>; null if none does.</summary>
    public virtual ObjectKey? Container => null;

    /// <summary>How the observed object differs from this desired one.</summary>
    public abstract Difference CompareTo(KernelObject observed);

    /// <summary>The object as one readable line, without its namespace.</summary>
    public abstract string Describe();
}

/// <summary>How an observed object differs from the desired one.</summary>
/// <param name="Kind">Whether and how it can be mended.</param>
/// <param name="Fields">What differs, as <c>mtu 1500 → 1450</c>; empty when nothing does.</param>
public sealed record Difference(DifferenceKind Kind, IReadOnlyList<string> Fields)
{
    /// <summary>Nothing differs.</summary>
    public static Difference None { get; } = new(DifferenceKind.None, []);
}

/// <summary>How a difference can be mended.</summary>
public enum DifferenceKind
{
    /// <summary>Nothing differs.</summary>
    None,

    /// <summary>The object can be changed in place.</summary>
    Changeable,

    /// <summary>The object must be deleted and made anew.</summary>
    Replace,
}

using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.Netd.Planted;

/// <summary>A fault as a wrong answer to what was asked for: the object that is made instead.</summary>
/// <param name="Name">How netlab calls it.</param>
/// <param name="Twist">What becomes of an object on its way to the kernel.</param>
internal sealed record Fault(string Name, Func<KernelObject, KernelObject> Twist)
{
    private static readonly ImmutableArray<Fault> s_all =
    [
        // Networks are no islands any more: what is not published gets in.
        new("isolation-rule-missing", static o => o is FirewallChainState { Name: "forward" } chain
            ? chain with { Rules = chain.Rules.RemoveAll(static r => r.Comment.StartsWith("unpublished", StringComparison.Ordinal)) }
            : o),

        // Frames carry the tag of the VLAN beside.
        new("vlan-tag-off-by-one", static o => WithTag(o, 1)) { TwistBack = static o => WithTag(o, -1) },
    ];

    /// <summary>What becomes of an object on its way back: a fault that is made in both directions is not seen by who makes it.</summary>
    public Func<KernelObject, KernelObject> TwistBack { get; init; } = static o => o;

    private static KernelObject WithTag(KernelObject item, int more) => item is LinkState { Details: VlanLink vlan } link
        ? link with { Details = vlan with { VlanId = vlan.VlanId + more } }
        : item;

    /// <summary>The fault of a name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static Fault Parse(string name) =>
        s_all.FirstOrDefault(f => f.Name == name) ?? throw new InvalidDataException($"there is no fault '{name}'");
}

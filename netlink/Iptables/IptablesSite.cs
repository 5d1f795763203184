using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>A chain that holds the elements of a set for one rule: one line an element, or one for each thing the rule does.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Chain">Its name.</param>
/// <param name="Owner">The chain of the model whose rule it is.</param>
/// <param name="Lookup">What the rule looks for.</param>
/// <param name="Targets">What it does then; empty if the element says it.</param>
internal sealed record IptablesSite(IptablesPlace Place, string Chain, string Owner, IptablesLookup Lookup, ImmutableArray<string> Targets)
{
    /// <summary>The lines of an element.</summary>
    /// <exception cref="KernelException">It has no form in iptables.</exception>
    public IEnumerable<IptablesLine> LinesOf(FirewallElementState element)
    {
        var about = IptablesElement.Of(element).ToString();
        var matches = IptablesMatch.Of(Lookup.Fields, element.KeyParts);
        ImmutableArray<string> targets = Lookup.TargetOf(element) is { } own ? [own] : Targets;
        return targets.Select((target, number) => IptablesLine.Of(about, number, matches, target));
    }
}

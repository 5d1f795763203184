using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>The objects of the model that stand in iptables, as a value: what was done, or found. Sets have no form there, elements have.</summary>
internal sealed record IptablesModel
{
    /// <summary>Nothing stands.</summary>
    public static IptablesModel Empty { get; } = new();

    /// <summary>Chains by name, with the expressions of their rules.</summary>
    public ImmutableSortedDictionary<string, FirewallChainState> Chains { get; init; } = ImmutableSortedDictionary.Create<string, FirewallChainState>(StringComparer.Ordinal);

    /// <summary>Elements by set and key.</summary>
    public ImmutableDictionary<string, ImmutableSortedDictionary<string, FirewallElementState>> Elements { get; init; } =
        ImmutableDictionary.Create<string, ImmutableSortedDictionary<string, FirewallElementState>>(StringComparer.Ordinal);

    /// <summary>The elements of a set in the order of their keys.</summary>
    public IEnumerable<FirewallElementState> ElementsOf(string set) => Elements.GetValueOrDefault(set)?.Values ?? [];

    /// <summary>The element of a set with a key; null if it does not stand.</summary>
    public FirewallElementState? Find(FirewallElementState element) => Elements.GetValueOrDefault(element.Set)?.GetValueOrDefault(element.Key.Name);

    /// <summary>With an element, in the place of one of its key.</summary>
    public IptablesModel With(FirewallElementState element) => this with
    {
        Elements = Elements.SetItem(
            element.Set,
            (Elements.GetValueOrDefault(element.Set) ?? ImmutableSortedDictionary.Create<string, FirewallElementState>(StringComparer.Ordinal)).SetItem(element.Key.Name, element)),
    };

    /// <summary>Without the element of a key.</summary>
    public IptablesModel Without(FirewallElementState element) =>
        Elements.TryGetValue(element.Set, out var elements) ? this with { Elements = Elements.SetItem(element.Set, elements.Remove(element.Key.Name)) } : this;

    /// <summary>After an operation.</summary>
    public IptablesModel After(KernelOperation operation) => operation.Target switch
    {
        FirewallTableState when operation.Verb == OperationVerb.Delete => Empty,
        FirewallSetState set when operation.Verb == OperationVerb.Delete => this with { Elements = Elements.Remove(set.Name) },
        FirewallChainState chain => this with { Chains = operation.Verb == OperationVerb.Delete ? Chains.Remove(chain.Name) : Chains.SetItem(chain.Name, chain) },
        FirewallElementState element => operation.Verb == OperationVerb.Delete ? Without(element) : With(element),
        _ => this,
    };
}

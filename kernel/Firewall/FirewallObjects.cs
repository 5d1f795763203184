using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>Our nf_tables table, family inet; or, by its name, what stands for it in iptables (<see cref="Ownership.IptablesTable"/>).</summary>
public sealed record FirewallTableState : KernelObject
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => KeyOf(Namespace, Name);

    /// <summary>The key of a table.</summary>
    public static ObjectKey KeyOf(NetNs ns, string name) => new(ns, ObjectKind.FirewallTable, name);

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed) => Difference.None;

    /// <inheritdoc/>
    public override string Describe() => Name == Ownership.IptablesTable ? $"chains {Ownership.IptablesPrefix}* of iptables" : $"table inet {Name}";
}

/// <summary>What a set's keys or a map's values are made of, with nft's own type number (its <c>datatype.h</c>).</summary>
public enum FirewallType
{
    /// <summary>No value: a plain set.</summary>
    None = 0,

    /// <summary>ipv4_addr, 4 bytes big endian.</summary>
    Ipv4Address = 7,

    /// <summary>ipv6_addr, 16 bytes.</summary>
    Ipv6Address = 8,

    /// <summary>inet_proto, 1 byte.</summary>
    Protocol = 12,

    /// <summary>inet_service, 2 bytes big endian.</summary>
    Port = 13,

    /// <summary>mark, 4 bytes host order.</summary>
    Mark = 19,

    /// <summary>ifname, 16 bytes zero padded.</summary>
    InterfaceName = 41,

    /// <summary>verdict (NFT_DATA_VERDICT): only as a map's value.</summary>
    Verdict = 1000,
}

/// <summary>A named set (no value type) or map of our table. Its elements are objects of their own.</summary>
public sealed record FirewallSetState : KernelObject
{
    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The parts of the key; more than one is a concatenation.</summary>
    public required ImmutableArray<FirewallType> KeyTypes { get; init; }

    /// <summary>The parts of the value; none for a set, more than one for a concatenation such as address and port.</summary>
    public ImmutableArray<FirewallType> ValueTypes { get; init; } = [];

    /// <summary>
    /// Whether keys are ranges (NFT_SET_INTERVAL). No two may overlap (EEXIST): a range over all addresses leaves no room for
    /// one address with the same port.
    /// </summary>
    public bool IsInterval { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => KeyOf(Namespace, Table, Name);

    /// <summary>The key of a set or map.</summary>
    public static ObjectKey KeyOf(NetNs ns, string table, string name) => new(ns, ObjectKind.FirewallSet, $"{table} {name}");

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed) =>
        Equals(observed as FirewallSetState) ? Difference.None : new Difference(DifferenceKind.Replace, ["type"]);

    /// <inheritdoc/>
    public override string Describe() =>
        $"{(ValueTypes.IsEmpty ? "set" : "map")} {Table} {Name} {string.Join(" . ", KeyTypes)}{(ValueTypes.IsEmpty ? string.Empty : $" : {string.Join(" . ", ValueTypes)}")}{(IsInterval ? " interval" : string.Empty)}";

    /// <summary>Compares key types by content.</summary>
    public bool Equals(FirewallSetState? other) =>
        other is not null && Namespace == other.Namespace && Table == other.Table && Name == other.Name
        && IsInterval == other.IsInterval && KeyTypes.SequenceEqual(other.KeyTypes) && ValueTypes.SequenceEqual(other.ValueTypes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Namespace, Table, Name, ValueTypes.Length, IsInterval, KeyTypes.Length);
}

/// <summary>An element of a set or map. Key and value are canonical text, parts joined by <c> . </c>, as nft prints them.</summary>
public sealed record FirewallElementState : KernelObject
{
    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary>The set or map.</summary>
    public required string Set { get; init; }

    /// <summary>The parts of the key, each as nft prints it (<c>br0</c>, <c>10.0.0.1</c>, <c>80</c>); a range as <c>a-b</c>.</summary>
    public required ImmutableArray<string> KeyParts { get; init; }

    /// <summary>The value as nft prints it (<c>drop</c>, <c>goto chain</c>, <c>10.0.0.1 . 80</c>); null in a set.</summary>
    public string? Value { get; init; }

    /// <summary>Comment that names the owning scope (NFTNL_UDATA_SET_ELEM_COMMENT); null in an observation that has none.</summary>
    public string? Comment { get; init; }

    /// <summary>Types of the key's parts, so that the element can be encoded without its set.</summary>
    public required ImmutableArray<FirewallType> KeyTypes { get; init; }

    /// <summary>Types of the value's parts; none in a set.</summary>
    public ImmutableArray<FirewallType> ValueTypes { get; init; } = [];

    /// <inheritdoc/>
    public override ObjectKey Key => new(Namespace, ObjectKind.FirewallElement, $"{Table} {Set} {string.Join(" . ", KeyParts)}");

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        var other = (FirewallElementState)observed;
        if (Value != other.Value)
        {
            return new Difference(DifferenceKind.Replace, [$"value {other.Value ?? "none"} → {Value ?? "none"}"]);
        }

        return Comment == other.Comment
            ? Difference.None
            : new Difference(DifferenceKind.Replace, [$"owner {other.Comment ?? "none"} → {Comment ?? "none"}"]);
    }

    /// <inheritdoc/>
    public override string Describe() =>
        $"element {Table} {Set} {{ {string.Join(" . ", KeyParts)}{(Value is null ? string.Empty : $" : {Value}")} }}";

    /// <summary>Compares parts by content.</summary>
    public bool Equals(FirewallElementState? other) =>
        other is not null && Namespace == other.Namespace && Table == other.Table && Set == other.Set && Value == other.Value
        && Comment == other.Comment && ValueTypes.SequenceEqual(other.ValueTypes)
        && KeyParts.SequenceEqual(other.KeyParts) && KeyTypes.SequenceEqual(other.KeyTypes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Namespace, Table, Set, Value, KeyParts.Length > 0 ? KeyParts[0] : null);
}

/// <summary>Netfilter hooks of family inet (NF_INET_*).</summary>
public enum FirewallHook
{
    /// <summary>NF_INET_PRE_ROUTING.</summary>
    Prerouting = 0,

    /// <summary>NF_INET_LOCAL_IN.</summary>
    Input = 1,

    /// <summary>NF_INET_FORWARD.</summary>
    Forward = 2,

    /// <summary>NF_INET_LOCAL_OUT.</summary>
    Output = 3,

    /// <summary>NF_INET_POST_ROUTING.</summary>
    Postrouting = 4,

    /// <summary>NF_INET_INGRESS (since Linux 5.10): what one device takes in, before all others, also what the loopback takes in from itself.</summary>
    Ingress = 5,
}

/// <summary>Where a base chain hangs. Policy is always accept: a chain of ours drops by rules that say so.</summary>
/// <param name="Type"><c>filter</c>, <c>nat</c> or <c>route</c>.</param>
/// <param name="Hook">The hook.</param>
/// <param name="Priority">Lower is earlier: 0 filter, -100 dstnat, 100 srcnat.</param>
/// <param name="Device">For <see cref="FirewallHook.Ingress"/> the one device; null for hooks of all devices.</param>
public sealed record BaseChain(string Type, FirewallHook Hook, int Priority, string? Device = null);

/// <summary>
/// A chain with its rules as one object: rules of a chain are made once and their order is their meaning.
/// When anything differs the chain is flushed and filled again inside one atomic batch.
/// </summary>
public sealed record FirewallChainState : KernelObject
{
    private const int NamedMax = 4;

    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it hangs; null for a chain that is jumped to.</summary>
    public BaseChain? Base { get; init; }

    /// <summary>Its rules in order. An observed rule has its comment and no expressions.</summary>
    public required ImmutableArray<FirewallRule> Rules { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => new(Namespace, ObjectKind.FirewallChain, $"{Table} {Name}");

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        var other = (FirewallChainState)observed;
        if (!Equals(Base, other.Base))
        {
            return new Difference(DifferenceKind.Replace, ["hook"]);
        }

        return Rules.Select(static r => r.Comment).SequenceEqual(other.Rules.Select(static r => r.Comment))
            ? Difference.None
            : new Difference(DifferenceKind.Changeable, [.. DifferencesTo(other)]);
    }

    private IEnumerable<string> DifferencesTo(FirewallChainState other)
    {
        var missing = Rules.Except(other.Rules).Select(static r => r.Comment).ToArray();
        var foreign = other.Rules.Except(Rules).Select(static r => r.Comment).ToArray();
        if (missing.Length + foreign.Length == 0)
        {
            yield return "order of rules";
        }

        if (missing.Length > 0)
        {
            yield return $"without {Listed(missing)}";
        }

        if (foreign.Length > 0)
        {
            yield return $"with {Listed(foreign)}";
        }
    }

    private static string Listed(string[] comments) =>
        string.Join(", ", comments.Take(NamedMax).Select(static c => $"'{c}'")) + (comments.Length > NamedMax ? $" and {comments.Length - NamedMax} more" : string.Empty);

    /// <inheritdoc/>
    public override string Describe() =>
        $"chain {Table} {Name}{(Base is null ? string.Empty : $" {Base.Type} hook {Base.Hook}{(Base.Device is null ? string.Empty : $" device {Base.Device}")} priority {Base.Priority}")} ({Rules.Length} rules)";

    /// <summary>Compares rules by content.</summary>
    public bool Equals(FirewallChainState? other) =>
        other is not null && Namespace == other.Namespace && Table == other.Table && Name == other.Name
        && Equals(Base, other.Base) && Rules.SequenceEqual(other.Rules);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Namespace, Table, Name, Base, Rules.Length);
}

namespace Networking.Kernel;

/// <summary>What is done to an object.</summary>
public enum OperationVerb
{
    /// <summary>It is made; fails if it is there.</summary>
    Create,

    /// <summary>It is changed in place.</summary>
    Change,

    /// <summary>It is taken away; absence is fine.</summary>
    Delete,
}

/// <summary>Which queue of a namespace an operation travels in. Lanes of different namespaces run beside each other.</summary>
public enum Lane
{
    /// <summary>nf_tables: one atomic batch.</summary>
    Firewall,

    /// <summary>rtnetlink: links, addresses, routes, neighbours, rules; pipelined, each acknowledged.</summary>
    Route,

    /// <summary>Values below /proc/sys.</summary>
    Sysctl,
}

/// <summary>One step of a plan.</summary>
/// <param name="Verb">What is done.</param>
/// <param name="Before">As observed; null for a creation.</param>
/// <param name="After">As desired; null for a deletion.</param>
/// <param name="Fields">What differs, for a change.</param>
public sealed record KernelOperation(OperationVerb Verb, KernelObject? Before, KernelObject? After, IReadOnlyList<string> Fields)
{
    /// <summary>
    /// True if another operation of the plan brings this about (addresses die with their link): printed, never sent.
    /// </summary>
    public bool IsImplied { get; init; }

    /// <summary>The object's key.</summary>
    public ObjectKey Key => Target.Key;

    /// <summary>The object, as it will be or, when deleted, was.</summary>
    public KernelObject Target => After ?? Before!; // one of the two is always given

    /// <summary>The lane it travels in.</summary>
    public Lane Lane => LaneOf(Key.Kind);

    /// <summary>The lane of a kind of object.</summary>
    public static Lane LaneOf(ObjectKind kind) => kind switch
    {
        ObjectKind.Sysctl or ObjectKind.ForwardingSysctl or ObjectKind.LinkSwitch or ObjectKind.LinkSysctl => Lane.Sysctl,
        ObjectKind.FirewallTable or ObjectKind.FirewallSet or ObjectKind.FirewallChain or ObjectKind.FirewallElement
            or ObjectKind.ForeignAdmission => Lane.Firewall,
        _ => Lane.Route,
    };

    /// <summary>As printed in plans: <c>+</c>, <c>~</c> or <c>-</c>, the object, the namespace.</summary>
    public override string ToString()
    {
        var sign = Verb switch { OperationVerb.Create => '+', OperationVerb.Change => '~', _ => '-' };
        var fields = Verb == OperationVerb.Change && Fields.Count > 0 ? $" ({string.Join(", ", Fields)})" : string.Empty;
        return $"{sign} {Target.Describe()}{fields} [{Target.Namespace}]";
    }
}

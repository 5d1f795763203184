using Networking.Model;

namespace Networking.Kernel;

/// <summary>The kinds of kernel objects, in the order in which they are made; they are removed in the reverse order.</summary>
public enum ObjectKind
{
    /// <summary>A value below /proc/sys.</summary>
    Sysctl,

    /// <summary>An nf_tables table.</summary>
    FirewallTable,

    /// <summary>An nf_tables set, map or verdict map.</summary>
    FirewallSet,

    /// <summary>An nf_tables chain with its rules.</summary>
    FirewallChain,

    /// <summary>An element of a set or map.</summary>
    FirewallElement,

    /// <summary>Our one rule in a foreign forward chain.</summary>
    ForeignAdmission,

    /// <summary>
    /// A value below /proc/sys that turns the host into a router. It comes after the firewall, so that nothing passes
    /// unfiltered, and after every <see cref="Sysctl"/>: the kernel purges default routes learnt from router
    /// advertisements at that moment, except where <c>accept_ra</c> is 2 already.
    /// </summary>
    ForwardingSysctl,

    /// <summary>A network interface.</summary>
    Link,

    /// <summary>A value below /proc/sys of an interface without which the kernel takes no address for it.</summary>
    LinkSwitch,

    /// <summary>An address of an interface.</summary>
    Address,

    /// <summary>A value below /proc/sys that belongs to an interface and dies with it.</summary>
    LinkSysctl,

    /// <summary>A neighbour table entry.</summary>
    Neighbor,

    /// <summary>A forwarding database entry.</summary>
    Fdb,

    /// <summary>A route.</summary>
    Route,

    /// <summary>A policy routing rule.</summary>
    Rule,
}

/// <summary>Identifies a kernel object: namespace, kind and name. The name is canonical text, made by the object's own type.</summary>
public readonly record struct ObjectKey(NetNs Namespace, ObjectKind Kind, string Name) : IComparable<ObjectKey>
{
    /// <summary>Orders by kind, then namespace, then name: the order in which plans are printed and applied.</summary>
    public int CompareTo(ObjectKey other)
    {
        var byKind = Kind.CompareTo(other.Kind);
        if (byKind != 0)
        {
            return byKind;
        }

        var byNamespace = Namespace.CompareTo(other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}:{Namespace}:{Name}";
}

using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>A device of the fake kernel: its attributes as a dump would tell them, and the other end if it is a pair.</summary>
internal sealed class FakeLink(FakeNamespace home, LinkState state)
{
    /// <summary>Where it lives.</summary>
    public FakeNamespace Home { get; } = home;

    /// <summary>Attributes; kind details are computed when told, because the other end of a pair may be renamed.</summary>
    public LinkState State { get; set; } = state;

    /// <summary>The other end of the pair; null for other kinds.</summary>
    public FakeLink? Other { get; set; }

    /// <summary>Its name was freed; it waits to die with its pair and no dump shows it.</summary>
    public bool IsDoomed { get; set; }

    public ObjectKey Key => State.Key;

    /// <summary>
    /// As a dump tells it. A kernel does not know which end of a pair made the other, nor what the other end is called.
    /// </summary>
    public LinkState Observed => State with
    {
        Master = State.Master ?? string.Empty,
        Details = Other is null
            ? State.Details
            : Home.Id.IsHost ? new VethLink(Other.Home.Id, string.Empty, default) : new VethPeerLink(Other.Home.Id, string.Empty),
    };
}

/// <summary>A namespace of the fake kernel.</summary>
internal sealed class FakeNamespace(NetNs id)
{
    public NetNs Id { get; } = id;

    /// <summary>False after its death: nothing in it any more, requests are refused.</summary>
    public bool IsAlive { get; set; } = true;

    public SortedDictionary<string, FakeLink> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>Addresses, routes, neighbours, forwarding entries, rules.</summary>
    public SortedDictionary<ObjectKey, KernelObject> Objects { get; } = [];

    /// <summary>Those of <see cref="Objects"/> that carry our protocol number.</summary>
    public HashSet<ObjectKey> Ours { get; } = [];

    /// <summary>Sysctls that were ever written or defined; the others read as <c>0</c>.</summary>
    public SortedDictionary<string, SysctlState> Sysctls { get; } = new(StringComparer.Ordinal);

    public KernelState Firewall { get; set; } = KernelState.Empty;

    /// <summary>Forward chains of others, as <see cref="ForeignAdmissionState"/> names them.</summary>
    public HashSet<string> ForeignChains { get; } = ["ip filter FORWARD"];

    /// <summary>Numbers for doomed names.</summary>
    public int Doomed { get; set; }

    /// <summary>Everything on an interface, in key order.</summary>
    public ImmutableArray<ObjectKey> On(string link) =>
        [.. Objects.Where(o => o.Value.Container == LinkState.KeyOf(Id, link)).Select(static o => o.Key)];
}

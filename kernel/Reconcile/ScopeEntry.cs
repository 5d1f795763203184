using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>What the reconciler knows of one scope. Touched by its loop alone.</summary>
internal sealed class ScopeEntry(ScopeId id, DateTimeOffset now)
{
    public ScopeId Id { get; } = id;

    /// <summary>What its objects shall be; empty while it is being removed.</summary>
    public KernelState Desired { get; set; } = KernelState.Empty;

    /// <summary>The shadow: what its objects are, from acknowledgements, events and dumps.</summary>
    public KernelState Observed { get; set; } = KernelState.Empty;

    public ImmutableArray<ScopeId> Parents { get; set; } = [];

    /// <summary>Scopes that have this one as a parent.</summary>
    public HashSet<ScopeId> Children { get; } = [];

    public long Revision { get; set; }

    public bool IsRemoving { get; set; }

    /// <summary>Waits for a look by the loop.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Operations are under way.</summary>
    public bool IsApplying { get; set; }

    /// <summary>
    /// Its objects are in doubt, by a refusal, by an event, or because no reading has shown them since the start: they are
    /// read before its next step.
    /// </summary>
    public bool IsSuspect { get; set; }

    /// <summary>
    /// Objects whose creation was refused, perhaps only in words: until a reading tells, they may be there although
    /// they are neither observed nor, by now, desired.
    /// </summary>
    public Dictionary<ObjectKey, KernelObject> InDoubt { get; } = [];

    /// <summary>
    /// Namespaces in which it was asked for objects and gave them up, both before the first reading: what an earlier run
    /// has left of it there is not known yet, or is known and belongs to nobody. A scope that is being removed stays until
    /// that is gone too: it may be the last to need the namespace, which would be closed behind it.
    /// </summary>
    public HashSet<NetNs>? LeftUnseen { get; set; }

    /// <summary>Interfaces of other scopes that part of its objects wait for.</summary>
    public ImmutableArray<ObjectKey> Needs { get; set; } = [];

    public int Attempts { get; set; }

    /// <summary>Not tried again before this moment of the reconciler's own time.</summary>
    public TimeSpan NextTry { get; set; }

    public ScopeStatus Status { get; set; } = new(ScopeCondition.Pending, "not yet applied", now, null, 0, 0);

    public List<(long Revision, ScopeWait Wait)> Waiters { get; } = [];

    /// <summary>Nothing is left to be done but what stands on interfaces that others still have to bring.</summary>
    public bool IsWaitingForNeeds { get; set; }

    /// <summary>Objects that went while its operations were under way: what was put on them meanwhile may have gone with them.</summary>
    public HashSet<ObjectKey>? LostMeanwhile { get; set; }

    /// <summary>Done, or done but for what its own children bring, as far as it was looked at.</summary>
    public bool CarriesChildren =>
        !IsRemoving && !IsDirty && !IsApplying && !IsSuspect && (Status.IsDone || IsWaitingForNeeds);

    /// <summary>What may be of it in the kernel, or shall be, in these namespaces.</summary>
    public IEnumerable<KernelObject> CandidatesIn(IReadOnlySet<NetNs> namespaces) => Desired.Objects.Where(o => namespaces.Contains(o.Namespace))
        .Concat(Observed.Objects.Where(o => namespaces.Contains(o.Namespace) && !Desired.Contains(o.Key)))
        .Concat(InDoubt.Values.Where(o => namespaces.Contains(o.Namespace) && !Desired.Contains(o.Key) && !Observed.Contains(o.Key)));
}

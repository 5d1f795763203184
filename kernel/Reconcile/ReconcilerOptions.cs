using Networking.Model;

namespace Networking.Kernel;

/// <summary>Times and bounds of the reconciler.</summary>
public sealed record ReconcilerOptions
{
    /// <summary>Mark of this instance, the start of every link alias of ours.</summary>
    public required string OwnerTag { get; init; }

    /// <summary>First wait after a refusal; doubles up to <see cref="RetryMax"/>.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between tries.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an object must be quiet before an event about it counts: creation itself makes several.</summary>
    public TimeSpan EventDebounce { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often everything is read again although no event asked for it.</summary>
    public TimeSpan FullCheckEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Scopes being applied at one time.</summary>
    public int AppliesMax { get; init; } = 256;

    /// <summary>Namespaces being read at one time.</summary>
    public int ObservationsMax { get; init; } = 4;

    /// <summary>Transitions waiting for their turn; of more the announcements are dropped first, and what is dropped is told.</summary>
    public int TransitionsMax { get; init; } = 65_536;
}

/// <summary>What the reconciler tells the room that composes it. Called on its loop: return at once.</summary>
public interface IReconcilerListener
{
    /// <summary>A scope's status changed; null when it is gone.</summary>
    void ScopeChanged(ScopeId scope, ScopeStatus? status);

    /// <summary>The kernel was not as we left it.</summary>
    /// <param name="scope">Whose object.</param>
    /// <param name="what">What was found, a sentence.</param>
    void DriftFound(ScopeId scope, string what);

    /// <summary>Forward chains of others came, changed or went: look again at what they drop. Nothing needs to be done by default.</summary>
    /// <param name="ns">Where.</param>
    void ForeignFirewallChanged(NetNs ns)
    {
    }

    /// <summary>A transition was refused for good.</summary>
    void TransitionFailed(Transition transition, KernelError error);
}

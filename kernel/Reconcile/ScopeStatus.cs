namespace Networking.Kernel;

/// <summary>Where a scope stands between what was asked and what is.</summary>
/// <remarks>
/// <code>
///            set             applied
///  (none) ──────► Pending ───────────► Done ──drift──► Pending
///                  │   ▲ woken            │
///           refused│   │ next try         │ removed
///                  ▼   │                  ▼
///                  Error              Removing ──gone──► (none)
/// </code>
/// </remarks>
public enum ScopeCondition
{
    /// <summary>Not yet as asked: in work, or waiting for another scope.</summary>
    Pending,

    /// <summary>As asked.</summary>
    Done,

    /// <summary>The kernel refused; it is tried again.</summary>
    Error,

    /// <summary>On its way out.</summary>
    Removing,
}

/// <summary>The status of a scope.</summary>
/// <param name="Condition">Where it stands.</param>
/// <param name="Reason">Why it is not done; null when it is.</param>
/// <param name="Since">Since when it is in this condition for this reason.</param>
/// <param name="NextTry">When it is tried again; null if it waits for something else or is done.</param>
/// <param name="Attempts">Refused tries since it was last done.</param>
/// <param name="Revision">The revision of intent that this status is about.</param>
public sealed record ScopeStatus(
    ScopeCondition Condition, string? Reason, DateTimeOffset Since, DateTimeOffset? NextTry, int Attempts, long Revision)
{
    /// <summary>True if the kernel is as asked.</summary>
    public bool IsDone => Condition == ScopeCondition.Done;
}

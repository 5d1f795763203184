namespace Networking.Gossip.Membership;

/// <summary>
/// What is known of a member. Within one incarnation a later status beats an earlier one; a higher incarnation beats all.
/// <code>
///            no answer, directly, by others, by TCP          nobody heard it in time
///   Alive ────────────────────────────────────────► Suspect ─────────────────────────► Failed
///     ▲                                                │                                 │
///     └──────────── the member itself, with its next incarnation ────────────────────────┘
///   any of them ── the member's own goodbye, or its address answers for another ──► Left
/// </code>
/// </summary>
public enum MemberStatus : byte
{
    /// <summary>It answers, or nobody doubts it.</summary>
    Alive = 0,

    /// <summary>It did not answer somebody, and has time to object. Its rows stay visible.</summary>
    Suspect = 1,

    /// <summary>It did not object. Its rows are hidden, and return with it.</summary>
    Failed = 2,

    /// <summary>It went. Its rows are dropped.</summary>
    Left = 3,
}

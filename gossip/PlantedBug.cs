namespace Networking.Gossip;

/// <summary>
/// Mistakes that can be planted from a test, and from nowhere else: each must be found by the simulator, or its checkers
/// are worth nothing.
/// </summary>
internal enum PlantedBug
{
    None,

    /// <summary>A suspected node does not say that it lives.</summary>
    NoRefutation,

    /// <summary>A refutation reuses the incarnation that it refutes.</summary>
    RefutationWithoutIncarnation,

    /// <summary>An older incarnation of a member is believed.</summary>
    OldIncarnationBelieved,

    /// <summary>A restarted node begins its incarnations anew.</summary>
    IncarnationForgotten,

    /// <summary>Removing a row leaves nothing behind that would keep the old row out.</summary>
    LostTombstone,

    /// <summary>A restarted node begins its row versions anew.</summary>
    VersionReused,

    /// <summary>Digests do not see one of the tables.</summary>
    DigestIgnoresTable,

    /// <summary>A key taken out of the ring still opens.</summary>
    KeyAcceptedAfterRemoval,

    /// <summary>The rows of a failed node are dropped instead of hidden, and not asked for again.</summary>
    FailedRowsShown,

    /// <summary>The rows of a node that left stay.</summary>
    LeftRowsKept,

    /// <summary>Nobody looks for those who failed.</summary>
    NoReconnect,

    /// <summary>Frames are opened as often as they come.</summary>
    ReplaysAccepted,

    /// <summary>Broadcasts are never retired.</summary>
    QueueNeverRetires,

    /// <summary>A row that is not newer replaces the one held.</summary>
    StaleRowApplied,

    /// <summary>A restarted node writes rows before it heard what others know of its earlier starts.</summary>
    SpeaksBeforeListening,
}

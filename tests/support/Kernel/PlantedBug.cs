namespace Networking.TestSupport;

/// <summary>Faults of a daemon that a checker worth its name must find. Planted between reconciler and kernel, in tests alone.</summary>
public enum PlantedBug
{
    /// <summary>Deletions are called done and never sent.</summary>
    DeletionNotSent,

    /// <summary>What others change is never heard of.</summary>
    MissedEvent,

    /// <summary>The objects of one scope are called done and never made.</summary>
    SkippedScope,

    /// <summary>The making end of a pair is kept when its scope goes: its name is never free again.</summary>
    HolderNotReleased,

    /// <summary>The operations of a send go in the reverse order.</summary>
    WrongOrder,

    /// <summary>Refused operations are called done.</summary>
    RefusalTakenForDone,

    /// <summary>What went with a link is not made anew with it.</summary>
    DependentsNotRemade,

    /// <summary>What no intent knows is left standing.</summary>
    OrphanNotDeleted,

    /// <summary>A reading shows what an earlier one showed.</summary>
    StaleReading,

    /// <summary>A namespace that cannot be read is taken for an empty one.</summary>
    UnreadableTakenForEmpty,

    /// <summary>A value below /proc/sys is not put back.</summary>
    OriginalNotRestored,

    /// <summary>A step that another brings about is sent besides.</summary>
    ImpliedStepSent,

    /// <summary>A device of somebody else is deleted with ours.</summary>
    ForeignDeleted,

    /// <summary>The last operation of a send is called done and never sent.</summary>
    LastOperationLost,

    /// <summary>A change is sent without what it changes.</summary>
    ChangeWithoutEffect,
}

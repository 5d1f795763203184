namespace Networking.Store;

/// <summary>Bounds of the store's queue.</summary>
/// <param name="QueuedChangesMax">Changes that may wait; further callers wait, asynchronously and in order, to enter.</param>
/// <param name="GroupedChangesMax">Changes in one transaction, so that the first of them does not wait for ever.</param>
internal sealed record StoreLimits(int QueuedChangesMax, int GroupedChangesMax)
{
    public static StoreLimits Default { get; } = new(QueuedChangesMax: 1024, GroupedChangesMax: 512);
}

namespace Networking.Store;

/// <summary>What a store has done since it was opened, as one consistent snapshot.</summary>
/// <param name="Commits">Changes committed.</param>
/// <param name="FailedCommits">Changes refused, nothing of which was committed.</param>
/// <param name="Transactions">Transactions that carried the committed changes: the fewer, the better they were grouped.</param>
/// <param name="SyncedTransactions">Those of them that waited for the disk (fsync of the log).</param>
public sealed record StoreCounters(long Commits, long FailedCommits, long Transactions, long SyncedTransactions);

using Networking.Store;

namespace Networking.Netd.Metrics;

/// <summary>The store's counts in the words of the metrics.</summary>
internal static class StoreMetrics
{
    public static IEnumerable<(string Name, string Help, double Value)> Of(StoreCounters counters) =>
    [
        ("netd_store_commits_total", "Changes of intent committed.", counters.Commits),
        ("netd_store_failed_commits_total", "Changes of intent that the store refused.", counters.FailedCommits),
        ("netd_store_transactions_total", "Transactions that carried the commits.", counters.Transactions),
        ("netd_store_synced_transactions_total", "Transactions that waited for the disk.", counters.SyncedTransactions),
    ];
}

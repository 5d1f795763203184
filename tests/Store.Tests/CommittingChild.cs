using System.Globalization;
using Networking.Model;

namespace Networking.Store.Tests;

/// <summary>What the child process does: commits numbered changes and says each number once it is acknowledged.</summary>
internal static class CommittingChild
{
    public const string Argument = "--committing-child";

    /// <summary>
    /// With mixed durability four at a time, so that groups form. A change is a sandbox and two endpoints: it is torn
    /// if not all three are there.
    /// </summary>
    public static async Task<int> RunAsync(string directory, string durability, string count)
    {
        await using var store = SqliteIntentStore.Open(directory);
        await store.CommitAsync(new StoreChange { Networks = [Sample.Network(1)] }, Durability.Process, CancellationToken.None);
        var next = 0;
        var last = int.Parse(count, CultureInfo.InvariantCulture);
        var workers = durability == "mixed" ? 4 : 1;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => CommitAsync()));
        return 0;

        async Task CommitAsync()
        {
            for (var number = Interlocked.Increment(ref next); number <= last; number = Interlocked.Increment(ref next))
            {
                await store.CommitAsync(Sample.Change(number), DurabilityOf(number), CancellationToken.None);
                Console.Out.WriteLine(number);
            }
        }

        Durability DurabilityOf(int number) => durability switch
        {
            "process" => Durability.Process,
            "alternating" => number % 2 == 0 ? Durability.Disk : Durability.Process,
            _ => number % 8 == 0 ? Durability.Disk : Durability.Process,
        };
    }
}

using Networking.Netd.Configuration;
using Networking.Store;

namespace Networking.Netd.Purge;

/// <summary>
/// <c>netd --purge</c>: says what it takes away, takes it out of the kernel, and then takes the state off the disk. It needs the
/// lock on the state directory, so a running netd refuses it.
/// </summary>
internal static class Purging
{
    // Ours by name; whatever else somebody has put there stays, and the folder with it.
    private static readonly string[] s_state = ["netd.db", "cluster.json", "ring.json"];
    private static readonly string[] s_beside = ["netd.db-wal", "netd.db-shm", "netd.db-journal", "netd.db.new", "cluster.json.new", "ring.json.new", "lock"];

    public static bool HasState(DaemonOptions options) => Array.Exists(s_state, f => File.Exists(Path.Combine(options.StateDirectory, f)));

    public static async Task<int> RunAsync(Daemon daemon, SqliteIntentStore store, DaemonOptions options, PurgeOptions purge, CancellationToken cancellationToken)
    {
        foreach (var line in await daemon.InventoryAsync(cancellationToken))
        {
            Console.WriteLine(line);
        }

        if (!purge.KeepsState)
        {
            Console.WriteLine($"state in {options.StateDirectory}");
        }

        if (purge.IsDryRun)
        {
            return 0;
        }

        await daemon.PurgeAsync(cancellationToken);
        await daemon.DisposeAsync();
        await store.DisposeAsync();
        if (!purge.KeepsState)
        {
            RemoveState(options.StateDirectory);
        }

        RemoveIfEmpty(Path.Combine(options.RunDirectory, "netns"));
        RemoveIfEmpty(Path.Combine(options.RunDirectory, "sandboxes"));
        Console.WriteLine("taken away");
        return 0;
    }

    private static void RemoveState(string directory)
    {
        foreach (var name in s_state.Concat(s_beside))
        {
            File.Delete(Path.Combine(directory, name));
        }

        RemoveIfEmpty(directory);
    }

    private static void RemoveIfEmpty(string directory)
    {
        if (Directory.Exists(directory) && !Directory.EnumerateFileSystemEntries(directory).Any())
        {
            Directory.Delete(directory);
        }
    }
}

namespace Networking.Store.Tests;

/// <summary>Asks the kernel, not our counters, how often the log was synced.</summary>
public sealed class SyncTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Each_disk_commit_syncs_the_log_once_and_a_process_commit_never()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "needs strace");

        var process = await LogSyncsAsync("process");
        var alternating = await LogSyncsAsync("alternating");

        Assert.Equal(10, alternating - process);
    }

    private async Task<int> LogSyncsAsync(string durability)
    {
        var trace = Path.Combine(_directory.Root, durability + ".trace");
        using var child = ChildProcess.Start(
            Path.Combine(_directory.Root, durability), durability, 20,
            "/usr/bin/strace", "-f", "--seccomp-bpf", "-y", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace);
        var acknowledged = await child.RestAsync(Token);
        Assert.SkipWhen(acknowledged.Count == 0, "needs the right to trace a process");
        var lines = await File.ReadAllLinesAsync(trace, Token);

        // "… fdatasync(12</…/netd.db-wal>) = 0"; a call that is interrupted shows its file in its first line only.
        return lines.Count(static line => line.Contains("/netd.db-wal>", StringComparison.Ordinal));
    }
}

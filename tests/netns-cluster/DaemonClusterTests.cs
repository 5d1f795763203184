using System.Diagnostics;
using System.Text.Json;
using static Networking.NetnsCluster.Tests.Daemons;

namespace Networking.NetnsCluster.Tests;

/// <summary>Three whole daemons in a cluster, told what to do by netctl.</summary>
public sealed class DaemonClusterTests
{
    [Fact]
    public async Task Daemons_join_by_key_survive_a_sudden_death_change_keys_and_leave()
    {
        await using var field = await Field.OpenAsync(3);
        var daemons = new Dictionary<int, Process>();
        try
        {
            for (var host = 1; host <= 3; host++)
            {
                daemons[host] = await StartAsync(field, host);
            }

            Assert.Equal("off\n", await Ctl(field, 1, null, "cluster", "status", "--quiet"));
            Assert.Equal("NODE ID", (await Ctl(field, 1, null, "node", "ls"))[..7]);
            _ = await Ctl(field, 1, null, "cluster", "init", "--advertise", Field.Address(1));
            var key = await Ctl(field, 1, null, "cluster", "keys", "ls", "--secrets", "--quiet");
            Assert.DoesNotContain(key.Trim(), await Ctl(field, 1, null, "cluster", "status", "--format", "json"), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{field.Folder}/state1/cluster.json"));

            var (exit, _, error) = await TryCtl(field, 2, null, "cluster", "join", Field.Address(1));
            Assert.True(exit == 1 && error.Contains("key", StringComparison.Ordinal), error);
            foreach (var host in new[] { 2, 3 })
            {
                Assert.Contains("joined", await Ctl(field, host, key, "cluster", "join", Field.Address(1), "--key-file", "-", "--timeout", "200"), StringComparison.Ordinal);
            }

            await Until(async () => await CountAsync(field, 3, "alive") == 3, "three nodes do not see each other");
            var ids = await Ctl(field, 1, null, "node", "ls", "--quiet");

            daemons[2].Kill(entireProcessTree: true);
            await daemons[2].WaitForExitAsync(TestContext.Current.CancellationToken);
            await Until(async () => await CountAsync(field, 1, "failed") == 1, "a sudden death is not noticed");
            Assert.Contains("failed", await Ctl(field, 1, null, "node", "ls", "--filter", "status=failed"), StringComparison.Ordinal);
            daemons[2].Dispose();
            daemons[2] = await StartAsync(field, 2);
            await Until(async () => await CountAsync(field, 1, "alive") == 3 && await CountAsync(field, 2, "alive") == 3, "a restarted daemon does not return by itself");
            Assert.Equal(ids, await Ctl(field, 1, null, "node", "ls", "--quiet")); // the same three

            await ChangeKeysAsync(field);
            await Until(async () => await CountAsync(field, 1, "alive") == 3, "the change of keys parted them");

            Assert.Contains("left", await Ctl(field, 3, null, "cluster", "leave"), StringComparison.Ordinal);
            await Until(async () => await CountAsync(field, 1, "left") == 1, "a goodbye is not heard");
            Assert.Contains("netd_cluster_members{status=\"alive\"} 1", await MetricsAsync(field, 1), StringComparison.Ordinal);
        }
        finally
        {
            await StopAsync(daemons.Values);
        }
    }

    /// <summary>A new key is accepted everywhere, then seals everywhere, then the old one goes.</summary>
    private static async Task ChangeKeysAsync(Field field)
    {
        using var before = JsonDocument.Parse(await Ctl(field, 1, null, "cluster", "keys", "ls", "--format", "json"));
        var old = before.RootElement[0].GetProperty("tag").GetString()!; // one key so far
        _ = await Ctl(field, 1, null, "cluster", "keys", "add");
        using var both = JsonDocument.Parse(await Ctl(field, 1, null, "cluster", "keys", "ls", "--secrets", "--format", "json"));
        var fresh = both.RootElement.EnumerateArray().Single(k => k.GetProperty("tag").GetString() != old);
        var tag = fresh.GetProperty("tag").GetString()!; // a key has one
        foreach (var host in new[] { 2, 3 })
        {
            _ = await Ctl(field, host, fresh.GetProperty("secret").GetString() + "\n", "cluster", "keys", "add", "--key-file", "-");
        }

        foreach (var host in new[] { 1, 2, 3 })
        {
            _ = await Ctl(field, host, null, "cluster", "keys", "use", tag);
        }

        foreach (var host in new[] { 1, 2, 3 })
        {
            _ = await Ctl(field, host, null, "cluster", "keys", "rm", old);
            Assert.Equal(tag + "\n", await Ctl(field, host, null, "cluster", "keys", "ls", "--quiet"));
        }
    }

    private static async Task<int> CountAsync(Field field, int host, string status)
    {
        using var document = JsonDocument.Parse(await Ctl(field, host, null, "cluster", "status", "--format", "json"));
        return document.RootElement.GetProperty("members").GetProperty(status).GetInt32();
    }

    private static Task<string> MetricsAsync(Field field, int host) => Tool.RunAsync(null, "curl", "-s", "--unix-socket", Socket(field, host), "http://netd/metrics");
}

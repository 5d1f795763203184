using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>The end of an installation: nothing of netd is left, nothing of others is touched.</summary>
public sealed class PurgeTests
{
    // A whole daemon starts and ends within it.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_purge_after_a_stop_or_a_kill_leaves_the_host_as_it_was_before(bool isKilled)
    {
        string before = string.Empty;
        await using var stage = await Stage.OpenAsync(before: async s =>
        {
            await s.Host.IpAsync("link add br-0123456789ab type bridge"); // somebody else's, by a name like ours
            before = await TracesAsync(s);
            return true;
        });
        _ = await stage.NetworkAsync("shop", "10.182.1.0/24");
        _ = await stage.NetworkAsync("other", "10.182.2.0/24");
        _ = await stage.ContainerAsync("shop", "web");
        _ = (await stage.Api.CreateAsync(new CreateNetworkRequest { Name = "empty" })).Change();
        var guest = await stage.NamespaceAsync("guest");
        _ = (await stage.NetctlAsync("connect", "shop", guest.Path)).Succeeded();

        var refused = await PurgeAsync(stage);
        Assert.Equal(1, refused.Code);
        Assert.Contains("in use by process", refused.Error, StringComparison.Ordinal);

        await EndAsync(stage, isKilled);
        var seen = await stage.KernelAsync(guest); // not the store's bytes: who opens what a kill has left takes its log in
        var listed = (await PurgeAsync(stage, "--dry-run")).Succeeded();
        Assert.Contains("network shop (bridge)", listed, StringComparison.Ordinal);
        Assert.Contains("endpoint web on shop", listed, StringComparison.Ordinal);
        Assert.Contains(HostBackend.IsIptables ? "chains NETD-* of iptables" : "table inet netd of nf_tables", listed, StringComparison.Ordinal);
        Assert.Contains("sysctl net/ipv4/ip_forward, put back to 0", listed, StringComparison.Ordinal);
        Assert.Equal(seen, await stage.KernelAsync(guest));

        foreach (var name in new[] { "cluster.json", "cluster.json.new", "ring.json", "ring.json.new" })
        {
            await File.WriteAllTextAsync($"{stage.StateFolder}/{name}", "{}", Eventually.Cancel); // of a node that was in a cluster
        }

        var purged = (await PurgeAsync(stage)).Succeeded();
        Assert.Contains("network shop (bridge)", purged, StringComparison.Ordinal);
        Assert.Equal(before, await TracesAsync(stage));
        Assert.Empty(await guest.LinksAsync());
        Assert.False(Directory.Exists(stage.StateFolder));
        Assert.False(Directory.Exists($"{stage.RunFolder}/netns"));
        Assert.Contains("nothing to take away", (await PurgeAsync(stage)).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_its_state_kept_the_next_start_makes_the_networks_again()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        var network = await stage.NetworkAsync("shop", "10.182.1.0/24");
        _ = await stage.ContainerAsync("shop", "web");
        Assert.Equal(0, await stage.Daemon.StopAsync());

        _ = (await PurgeAsync(stage, "--keep-state")).Succeeded();
        Assert.Empty(await stage.Host.LinksAsync());
        await stage.StartAsync();
        _ = await Eventually.TrueAsync(s_soon, async () => await stage.Host.LinkAsync(network.Device) is not null && (await stage.Api.DiffAsync()).Steps.IsEmpty, stage.Host.SightAsync);
        await stage.AssertNothingDiffersAsync();
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("legacy")]
    public async Task What_stands_in_iptables_goes_too_where_nobody_says_that_it_does(string variant)
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false, before: s =>
        {
            (s.SearchPath, s.Flags) = (HostBackend.PathIn(s.Folder, variant), ["--firewall", "iptables"]);
            return Task.FromResult(true);
        });
        _ = await stage.NetworkAsync("shop", "10.182.3.0/24", "fd82:3::/64");
        _ = await stage.ContainerAsync("shop", "web", new ConnectRequest { Publish = ["8080:80"] });
        Assert.NotEmpty(await stage.IptablesRulesAsync());
        await stage.Daemon.KillAsync();
        stage.Flags = [];
        _ = (await PurgeAsync(stage)).Succeeded();
        Assert.Empty(await stage.IptablesRulesAsync());
        Assert.DoesNotContain("table inet netd", (await stage.Host.RunAsync("nft", "list", "tables")).Succeeded().Split('\n'));
        Assert.Empty(await stage.Host.LinksAsync());
    }

    [Fact]
    public async Task Its_flags_alone_are_refused()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        var output = await Tool.RunAsync(stage.Netd, "--dry-run");
        Assert.Equal(2, output.Code);
        Assert.Contains("--purge", output.Error, StringComparison.Ordinal);
    }

    private static async Task EndAsync(Stage stage, bool isKilled)
    {
        if (isKilled)
        {
            await stage.Daemon.KillAsync();
        }
        else
        {
            Assert.Equal(0, await stage.Daemon.StopAsync());
        }
    }

    private static Task<Output> PurgeAsync(Stage stage, params string[] flags) => Tool.RunAsync(
        s_patience,
        null,
        "nsenter",
        [$"--net={stage.Host.Path}", "env", $"PATH={stage.SearchPath}", stage.Netd, "--config", "/dev/null", "--state-dir", stage.StateFolder, "--run-dir", stage.RunFolder, "--purge", .. stage.Flags, .. flags]);

    private static async Task<string> TracesAsync(Stage stage)
    {
        var traces = (await stage.Host.RunAsync("sh", "-c", "ip -o link | sed 's/^[0-9]*: //; s/<[^>]*>//; s/state [A-Z]*//'; ip address show scope global | grep inet; ip route; ip -6 route; ip rule; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding")).Text;
        return traces + (HostBackend.IsIptables
            ? string.Join('\n', await stage.IptablesLinesAsync())
            : (await stage.Host.RunAsync("nft", "list", "tables")).Text);
    }
}

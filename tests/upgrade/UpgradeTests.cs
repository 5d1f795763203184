using System.Net.Sockets;
using Networking.Daemon.Tests.Staging;

namespace Networking.Upgrade.Tests;

/// <summary>The previous version, this one, the previous one again and this one again, on one state, under traffic.</summary>
public sealed class UpgradeTests(ITestOutputHelper output)
{
    // An option of a network, and one that no version knows yet: what the option of a newer version is to the previous one.
    private const string Option = "com.docker.network.advertise_addr_nmsgs";
    private const string NewOption = "com.docker.network.advertise_of_tomorrow";

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task Everything_is_taken_over_there_and_back_while_packets_flow(string signal)
    {
        var previous = PreviousVersion.Require();
        await using var stage = await Stage.OpenAsync(before: s =>
        {
            previous.TakeOver(s);
            return Task.FromResult(true);
        });
        await using var scene = await Scene.SetAsync(stage);
        await scene.FlowAsync();
        var (identity, ids) = (await scene.IdentityAsync(), await scene.IdsAsync());
        var (sets, chains) = (await scene.SetsAsync(), await scene.ChainsAsync());

        // There: one transaction replaces the layout, if it is another, and what was taken over is as it was.
        using (var transactions = await Transactions.OfAsync(stage.Host))
        {
            await ChangeAsync(stage, signal, Binaries.Netd, Binaries.Netctl);
            await SettlesAsync(stage, scene, identity, ids);
            output.WriteLine($"SIG{signal}: {transactions.All.Count} transactions, {transactions.Making.Count} of them make something");
            var (newSets, newChains) = (await scene.SetsAsync(), await scene.ChainsAsync());
            var isSame = sets.SequenceEqual(newSets) && chains.SequenceEqual(newChains);
            Assert.True(transactions.Making.Count <= 1 && (isSame || transactions.Making.Count == 1), transactions.ToString());
        }

        await AssertNamesAsync(scene);
        await PublishAsync(stage, scene);
        await stage.AssertNothingDiffersAsync();
        Assert.False(await scene.ReachesLoopbackAsync());
        (identity, ids) = (await scene.IdentityAsync(), await scene.IdsAsync());

        // Back: what the previous version does not know is not there, and nothing else has changed.
        var (first, neighbour) = (scene.Allowed[0].Sent, scene.Allowed[0]);
        await ChangeAsync(stage, signal, previous.Netd, previous.Netctl);
        await SettlesAsync(stage, scene, identity, ids);
        Assert.Equal(sets, await scene.SetsAsync());
        Assert.Equal(chains, await scene.ChainsAsync());
        Assert.NotNull(await TalkAsync(stage, scene));
        await AssertNamesAsync(scene);
        var last = neighbour.Sent;
        await Scene.NetctlAsync(stage, "create later");
        await Scene.NetctlAsync(stage, "connect later b"); // beside an endpoint of which it does not know everything
        await Scene.NetctlAsync(stage, "disconnect later b");
        await Scene.NetctlAsync(stage, "rm later");
        Assert.False(await scene.ReachesLoopbackAsync());

        // And there again: what it did not know is back.
        await ChangeAsync(stage, signal, Binaries.Netd, Binaries.Netctl);
        await SettlesAsync(stage, scene, identity, ids);
        Assert.NotNull(await TalkAsync(stage, scene));
        await AssertNamesAsync(scene);
        Assert.False(await scene.ReachesLoopbackAsync());
        await AssertNothingWasLostAsync(scene, (first, last));
    }

    [Fact]
    public async Task An_option_that_the_previous_version_does_not_know_is_named_by_it_and_nothing_is_touched()
    {
        var previous = PreviousVersion.Require();
        await using var stage = await Stage.OpenAsync();
        await Scene.NetctlAsync(stage, $"create modern --subnet 10.96.0.0/24 -o {Option}=2");
        var links = await stage.Host.LinksAsync();
        Assert.Equal(0, await stage.Daemon.StopAsync());
        await RenameOptionAsync(stage, Option, NewOption);

        previous.TakeOver(stage);
        Assert.NotEqual(0, await stage.Launch().EndedAsync());
        Assert.Contains(NewOption, stage.Daemon.LastWords(), StringComparison.Ordinal);
        Assert.Equal(links, await stage.Host.LinksAsync());

        await RenameOptionAsync(stage, NewOption, Option); // the newer version again, which does
        (stage.Netd, stage.Netctl) = (Binaries.Netd, Binaries.Netctl);
        await stage.StartAsync();
        await stage.AssertNothingDiffersAsync();
        await Scene.NetctlAsync(stage, $"update modern --opt-rm {Option}"); // as docs/tasks/upgrade.md says
        await ChangeAsync(stage, "TERM", previous.Netd, previous.Netctl);
        Assert.Equal(links, await stage.Host.LinksAsync());
    }

    private static async Task ChangeAsync(Stage stage, string signal, string netd, string netctl)
    {
        (stage.Netd, stage.Netctl) = (netd, netctl);
        await stage.RestartAsync(isKilled: signal == "KILL");
    }

    private static async Task RenameOptionAsync(Stage stage, string from, string to)
    {
        var changed = await Tool.RunAsync("sqlite3", $"{stage.StateFolder}/netd.db", $"update networks set record = replace(record, '{from}', '{to}'); select changes();");
        Assert.NotEqual("0", changed.Succeeded().Trim());
    }

    private async Task SettlesAsync(Stage stage, Scene scene, string identity, string ids)
    {
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(10), async () => (await stage.Api.DiffAsync()).Steps.IsEmpty, () => Task.FromResult(stage.Daemon.LastWords()));
        await scene.GoesOnAsync();
        Assert.Equal(identity, await scene.IdentityAsync());
        Assert.Equal(ids, await scene.IdsAsync());
        output.WriteLine(scene.Sight());
    }

    private static async Task PublishAsync(Stage stage, Scene scene)
    {
        await Scene.NetctlAsync(stage, "update plain b -p 8080:80 --expose world");
        await Scene.NetctlAsync(stage, "update dual -o mtu=1400");
        await Scene.NetctlAsync(stage, "create modern --subnet 10.96.0.0/24 --ip-range 10.96.0.128/25");
        await Scene.NetctlAsync(stage, "connect modern d");
        Assert.NotNull(await TalkAsync(stage, scene));
        Assert.Equal(1400, (await scene.ByPath.LinkAsync("eth0"))!.Value.GetProperty("mtu").GetInt32());
    }

    // The world at the published port; null if it does not come through.
    private static async Task<string?> TalkAsync(Stage stage, Scene scene)
    {
        using var listener = scene.B.Listen("0.0.0.0", 80);
        using var client = await stage.World.ConnectAsync(Stage.HostAddress4, 8080, TimeSpan.FromSeconds(5));
        if (client is null)
        {
            return null;
        }

        using Socket server = await listener.AcceptAsync(Eventually.Cancel);
        return server.RemoteEndPoint?.ToString();
    }

    private static async Task AssertNamesAsync(Scene scene)
    {
        _ = (await scene.A.RunAsync("nft", "list", "table", "inet", "netd")).Succeeded();
        var answer = (await scene.A.RunAsync("dig", "@127.0.0.11", "+short", "+tries=5", "+time=3", "b.plain")).Succeeded().Trim();
        Assert.Equal(await Scene.AddressAsync(scene.B, "eth0"), answer);
    }

    // A version before this may change the layout in several transactions when it comes back: between them a new connection to a
    // neighbour, where bridged packets meet the firewall, is refused. Nothing else may be lost, and nothing on the way there.
    private async Task AssertNothingWasLostAsync(Scene scene, (int First, int Last) back)
    {
        foreach (var flow in scene.Allowed.Concat(scene.Forbidden))
        {
            await flow.StopAsync();
        }

        output.WriteLine(scene.Sight());
        Assert.All(scene.Allowed, static f => Assert.True(f.LongestPauseMs < 1000, f.ToString()));
        Assert.All(scene.Allowed[0].Lost, n => Assert.InRange(n, back.First, back.Last));
        Assert.All(scene.Allowed.Skip(1), static f => Assert.True(f.Lost.Count == 0, f.ToString()));
        Assert.All(scene.Allowed.Skip(1), static f => Assert.Equal(Stage.HostAddress4, f.Sources));
        Assert.All(scene.Forbidden, static f => Assert.True(f.Received == 0, f.ToString()));
        Assert.All(scene.Transfers, static t => Assert.True(t.Failure is null && t.LongestPauseMs < 1000, $"{t.Received} {t.LongestPauseMs} ms {t.Failure}"));
        foreach (var ping in scene.Pings)
        {
            var (sent, received) = await ping.StopAsync();
            output.WriteLine($"{sent} pings, {sent - received} lost");
            Assert.Equal(sent, received);
        }
    }
}

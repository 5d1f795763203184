using System.Globalization;
using System.Text.RegularExpressions;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// What is left half made: by sudden death between the two steps in which a macvlan interface is made whose name the host has
/// too, and by a refusal before the alias. Where the next start does not go that way again, nobody would look for what was left.
/// <code>
///   host: parent0, eth0 ── macvlan, made as nx-new ─ death ─ named eth0 ── sandbox
/// </code>
/// </summary>
public sealed partial class HalfMadeTests
{
    private const string NewbornGroup = "1852071790"; // Ownership.NewbornGroup

    [Fact]
    public async Task An_interface_that_had_no_name_yet_is_gone_after_the_next_start()
    {
        await using var stage = Stage.Create();
        await stage.StartAsync(killAt: 0);
        await MakeAsync(stage);
        var point = stage.Daemon!.Lines.Select(static l => Between().Match(l)).Single(static m => m.Success).Groups["number"].Value;
        await stage.ForgetAsync();
        await stage.StartAsync(killAt: int.Parse(point, CultureInfo.InvariantCulture));
        _ = await Assert.ThrowsAnyAsync<Exception>(() => MakeAsync(stage));
        Assert.Contains(stage.Daemon!.Lines, static l => l.StartsWith("dies at", StringComparison.Ordinal) && l.Contains("between making and naming eth0", StringComparison.Ordinal));
        var sandbox = Assert.Single(stage.NamespacePaths, p => p.StartsWith(stage.NamespaceDirectory, StringComparison.Ordinal));
        Assert.Contains("nx-new", Links(sandbox), StringComparison.Ordinal);

        _ = Tool.Run("ip", "-n", stage.Name, "link", "set", "eth0", "down");
        _ = Tool.Run("ip", "-n", stage.Name, "link", "set", "eth0", "name", "eth9");
        _ = Tool.Run("ip", "-n", stage.Name, "link", "set", "eth9", "up");
        await stage.StartAsync();
        for (var patience = 0; Links(sandbox).Contains("nx-new", StringComparison.Ordinal) || !Links(sandbox).Contains("eth0@", StringComparison.Ordinal); patience++)
        {
            Assert.True(patience < 200, Links(sandbox));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Empty((await stage.Api.DiffAsync()).Steps);
    }

    /// <summary>
    /// All messages of one operation travel in one send, which no death divides: it takes a refused one and a death behind it to
    /// leave a link half made. So it is put there by hand.
    /// </summary>
    [Fact]
    public async Task A_bridge_that_had_no_alias_yet_is_made_whole_if_it_is_wanted_and_else_gone_after_the_next_start()
    {
        await using var stage = Stage.Create();
        await stage.StartAsync();
        _ = await stage.Api.DoAsync(ApiCall.Create(new CreateNetworkRequest { Name = "n", Subnets = ["10.65.0.0/24"] }));
        var device = (await stage.Api.NetworksAsync()).Single(static n => n.Name == "n").Device;
        await stage.Daemon!.KillAsync();
        _ = Tool.Run("ip", "-n", stage.Name, "link", "set", device, "down", "alias", string.Empty, "group", NewbornGroup);
        _ = Tool.Run("ip", "-n", stage.Name, "link", "add", "br-0123456789ab", "group", NewbornGroup, "type", "bridge");
        await stage.StartAsync();
        for (var patience = 0; HostLinks().Contains(NewbornGroup, StringComparison.Ordinal) || !HostLinks().Contains(":network/", StringComparison.Ordinal); patience++)
        {
            Assert.True(patience < 200, HostLinks());
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Contains("MULTICAST,UP", HostLinks().Split('\n').Single(l => l.Contains($"{device}:", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("br-0123456789ab", HostLinks(), StringComparison.Ordinal);
        Assert.Empty((await stage.Api.DiffAsync()).Steps);

        string HostLinks() => Tool.Run("ip", "-n", stage.Name, "-o", "link");
    }

    [GeneratedRegex("^kill point (?<number>[0-9]+): between making and naming eth0 ")]
    private static partial Regex Between();

    private static string Links(string ns) => Tool.Run("nsenter", $"--net={ns}", "ip", "-o", "link");

    private static async Task MakeAsync(Stage stage)
    {
        _ = await stage.Api.DoAsync(ApiCall.Create(new CreateNetworkRequest
        {
            Name = "m",
            Driver = "macvlan",
            Subnets = ["10.64.0.0/24"],
            Gateways = ["10.64.0.1"],
            Options = Scenario.Pairs("parent", Stage.Parent),
        }));
        _ = await stage.Api.DoAsync(ApiCall.CreateSandbox("s1"));
        _ = await stage.Api.DoAsync(ApiCall.Connect("m", new ConnectRequest { Sandbox = "s1" }));
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// Sudden death between the two steps in which a macvlan interface is made whose name the host has too. Where the next start
/// does not go that way again, nobody would look for what was left.
/// <code>
///   host: parent0, eth0 ── macvlan, made as nx-new ─ death ─ named eth0 ── sandbox
/// </code>
/// </summary>
public sealed partial class HalfMadeTests
{
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

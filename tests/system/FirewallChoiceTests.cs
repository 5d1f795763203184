using System.Net;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>What <c>--firewall auto</c> makes of a host whose kernel refuses netd's use of nf_tables.</summary>
/// <remarks>
/// The refusal is the kernel's own: somebody keeps the table in which netd tries what it needs, and lets nobody else write into it
/// (NFT_TABLE_F_OWNER), so the trial is refused with EPERM.
/// </remarks>
public sealed class FirewallChoiceTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("legacy", "ok", "their sizes are looked at twice a second")]
    [InlineData("nft", "failed", "update-alternatives --set iptables /usr/sbin/iptables-legacy")]
    public async Task Auto_takes_iptables_where_nf_tables_is_refused_and_info_and_doctor_say_why(string variant, string state, string advice)
    {
        await using var stage = await Stage.OpenAsync(before: async stage =>
        {
            (stage.SearchPath, stage.Flags) = (HostBackend.PathIn(stage.Folder, variant), ["--firewall", "auto"]);
            await RefuseAsync(stage);
            return true;
        });
        var reason = (await stage.Api.GetAsync("/v1/info")).As(ApiJson.Default.InfoDocument).Firewall;
        Assert.StartsWith("iptables: chosen by auto, because the kernel refuses what netd needs of nf_tables (", reason, StringComparison.Ordinal);
        Assert.Contains("EPERM", reason, StringComparison.Ordinal);
        Assert.Contains(variant == "nft" ? "(nf_tables)" : "(legacy)", reason, StringComparison.Ordinal);
        var told = await stage.NetctlAsync("info");
        Assert.Contains("chosen by auto, because the kernel refuses what netd needs of nf_tables", told.Succeeded(), StringComparison.Ordinal);
        var check = Assert.Single((await stage.Api.GetAsync("/v1/doctor")).As(ApiJson.Default.DoctorDocument).Checks, static c => c.Name == "firewall");
        Assert.Equal(state, check.State);
        Assert.StartsWith("iptables: chosen by auto", check.Message, StringComparison.Ordinal);
        Assert.Contains(advice, check.Message, StringComparison.Ordinal);
        Assert.Contains(advice.Split(' ')[0], (await stage.NetctlAsync("doctor")).Text, StringComparison.Ordinal);
        await PassesAsync(stage);
    }

    // A network's published port is reached, and nothing of it is in nf_tables.
    private static async Task PassesAsync(Stage stage)
    {
        _ = await stage.NetworkAsync("pub", "10.165.0.0/24", "fd65::/64");
        var (place, _) = await stage.ContainerAsync("pub", "p", new ConnectRequest { Publish = ["8080:80", "8080:80/udp"], Expose = "world" });
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any, IPAddress.IPv6Any], 80));
        foreach (var isKilled in new[] { false, true })
        {
            await Reach.SeenAsync((stage.World, Stage.HostAddress4, 8080, Stage.WorldAddress4), (stage.World, Stage.HostAddress6, 8080, Stage.WorldAddress6));
            Assert.NotEmpty(await stage.IptablesRulesAsync());
            Assert.DoesNotContain("table inet netd", (await stage.Host.RunAsync("nft", "list", "tables")).Succeeded().Split('\n'));
            await stage.AssertNothingDiffersAsync();
            await stage.RestartAsync(isKilled);
        }
    }

    private static async Task RefuseAsync(Stage stage)
    {
        var owner = Staging.Tool.Start("nsenter", [$"--net={stage.Host.Path}", "nft", "-i"], redirectInput: true);
        _ = stage.Keep(new Ending(owner));
        await owner.StandardInput.WriteAsync("add table inet netd-probe { flags owner; }\n");
        await owner.StandardInput.FlushAsync(Eventually.Cancel);
        _ = await Eventually.OutputAsync(s_patience, () => stage.Host.RunAsync("nft", "list", "tables"), static o => o.Text.Contains("netd-probe", StringComparison.Ordinal));
    }
}

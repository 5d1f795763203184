using System.Diagnostics;
using System.Text.RegularExpressions;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>A new endpoint tells its neighbours who it is, as <c>tcpdump</c> on another container sees it.</summary>
/// <remarks>
/// <code>
///   listener: tcpdump ── bridge ── newcomer
/// </code>
/// </remarks>
public sealed class AnnouncementTests(SharedStage shared) : SharedStageTests(shared)
{
    private const string Mac = "02:42:ac:11:00:99";

    [Fact]
    public async Task A_gratuitous_arp_and_an_unsolicited_advertisement_are_seen()
    {
        _ = await Stage.NetworkAsync("told", "10.120.0.0/24", "fdc0::/64");
        var (listener, _) = await Stage.ContainerAsync("told", "to-l");
        var heard = await Listener.StartAsync(Stage, listener, "eth0", "arp or icmp6");
        _ = await Stage.ContainerAsync("told", "to-n", new ConnectRequest { Ip = "10.120.0.9", Ip6 = "fdc0::9", Mac = Mac });
        await heard.HearsAsync($"{Mac} > .*ARP.*(who-has 10.120.0.9 .*tell 10.120.0.9|10.120.0.9 is-at)");
        await heard.HearsAsync($"{Mac} > .*neighbor advertisement.*tgt is fdc0::9");
    }

    [Fact]
    public async Task No_announcement_is_made_when_none_is_asked()
    {
        _ = await Stage.NetworkAsync("untold", "10.121.0.0/24", "fdc1::/64");
        var (listener, _) = await Stage.ContainerAsync("untold", "un-l");
        var heard = await Listener.StartAsync(Stage, listener, "eth0", "arp or icmp6");
        _ = await Stage.ContainerAsync("untold", "un-n", new ConnectRequest
        {
            Ip = "10.121.0.9",
            Ip6 = "fdc1::9",
            Mac = Mac,
            Options = Options.Of(("com.docker.network.advertise_addr_nmsgs", "0")),
        });

        // A later newcomer is heard, so an earlier one would have been.
        _ = await Stage.ContainerAsync("untold", "un-m", new ConnectRequest { Ip = "10.121.0.10", Ip6 = "fdc1::10" });
        await heard.HearsAsync("who-has 10.121.0.10 .*tell 10.121.0.10|10.121.0.10 is-at");
        await heard.HearsAsync("neighbor advertisement.*tgt is fdc1::10");
        Assert.DoesNotContain(heard.Lines, static l => Regex.IsMatch(l, "10.121.0.9 (.*tell 10.121.0.9|is-at)|tgt is fdc1::9,", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Three_announcements_come_at_the_interval_asked()
    {
        _ = await Stage.NetworkAsync("thrice", "10.122.0.0/24");
        var (listener, _) = await Stage.ContainerAsync("thrice", "th-l");
        var heard = await Listener.StartAsync(Stage, listener, "eth0", "arp or icmp6");
        var clock = Stopwatch.StartNew();
        _ = await Stage.ContainerAsync("thrice", "th-n", new ConnectRequest
        {
            Ip = "10.122.0.9",
            Options = Options.Of(("com.docker.network.advertise_addr_nmsgs", "3"), ("com.docker.network.advertise_addr_ms", "200")),
        });
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(5), () => heard.Lines.Count(static l => l.Contains("10.122.0.9", StringComparison.Ordinal)) == 3, () => string.Join('\n', heard.Lines));
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(400), $"three announcements in {clock.ElapsedMilliseconds} ms");
    }
}

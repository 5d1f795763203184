namespace Networking.Netlink.Tests.Iptables;

/// <summary>What iptables-save prints is read, and what it never prints is refused in one way (any text at all: tests/fuzz).</summary>
public sealed class IptablesSavedTextTests
{
    [Fact]
    public void Our_chains_and_the_kernels_own_are_read_with_their_comments()
    {
        var place = new IptablesPlace(IsIpv6: false, IptablesPlace.Filter);
        var snapshot = Read(IptablesSavedSample.Text);
        Assert.Equal(["FORWARD", "INPUT", "NETD-FORWARD", "NETD-USER", "OUTPUT"], snapshot[place].Keys);
        Assert.Equal(["NETD-FORWARD", "NETD-USER"], snapshot.OwnChains(place));
        var lines = snapshot.Find(place, "NETD-FORWARD")!; // listed above
        Assert.Equal("netd: it's \"quoted\" #1f00ab3c", lines[0].Comment);
        Assert.Equal("it's \"quoted\" #1f00ab3c", lines[0].About);
        Assert.True(lines[0].IsOurs);
        Assert.Equal("plain", lines[1].Comment);
        Assert.False(lines[1].IsOurs);
        Assert.Equal("1 rules of others before the jump to NETD-FORWARD", IptablesJump.ProblemOf(snapshot.Find(place, "FORWARD"), "NETD-FORWARD", mayBeLater: false));
        Assert.Null(IptablesJump.ProblemOf(snapshot.Find(place, "FORWARD"), "NETD-FORWARD", mayBeLater: true));
        Assert.Equal("no jump to NETD-INPUT", IptablesJump.ProblemOf(snapshot.Find(place, "INPUT"), "NETD-INPUT", mayBeLater: false));
        Assert.True(snapshot.HasOurs(place));
        Assert.False(snapshot.HasOurs(place with { IsIpv6 = true }));
    }

    [Theory]
    [InlineData("*filter\n:INPUT ACCEPT [0:0]\n")]
    [InlineData("-A INPUT -j ACCEPT\n")]
    [InlineData("*filter\n*nat\nCOMMIT\n")]
    [InlineData("*filter\n:INPUT\nCOMMIT\n")]
    [InlineData("*filter\n-I INPUT -j ACCEPT\nCOMMIT\n")]
    [InlineData("iptables-save: table busy\n")]
    public void What_is_not_its_format_is_refused_with_its_place(string text) =>
        Assert.Contains("at byte", Assert.Throws<WireFormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    private static IptablesSnapshot Read(string text)
    {
        var snapshot = new IptablesSnapshot();
        IptablesSavedText.Read(isIpv6: false, text, snapshot);
        return snapshot;
    }
}

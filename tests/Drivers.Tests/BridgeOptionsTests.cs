using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class BridgeOptionsTests
{
    private readonly List<Problem> _problems = [];

    [Fact]
    public void Nothing_given_means_the_defaults()
    {
        Assert.Equal(new BridgeOptions(), Parse());
        Assert.Equal(
            (null, true, true, null, "eth"),
            (Parse().LinkName, Parse().HasMasquerade, Parse().HasIcc, Parse().MtuBytes, Parse().InterfacePrefix));
    }

    [Fact]
    public void Docker_names_and_short_ones_mean_the_same()
    {
        var expected = new BridgeOptions { LinkName = "br9", HasMasquerade = false, HasIcc = false, MtuBytes = 1400, InterfacePrefix = "net" };

        Assert.Equal(expected, Parse(("name", "br9"), ("masquerade", "false"), ("icc", "0"), ("mtu", "1400"), ("ifname-prefix", "net")));
        Assert.Equal(
            expected,
            Parse(
                ("com.docker.network.bridge.name", "br9"),
                ("com.docker.network.bridge.enable_ip_masquerade", "False"),
                ("com.docker.network.bridge.enable_icc", "f"),
                ("com.docker.network.driver.mtu", "1400"),
                ("com.docker.network.container_iface_prefix", "net")));
        Assert.Empty(_problems);
    }

    [Fact]
    public void An_mtu_of_zero_is_unset() => Assert.Null(Parse(("mtu", "0")).MtuBytes);

    [Theory]
    [InlineData("icc", "yes", "option icc: 'yes' is neither true nor false")]
    [InlineData("com.docker.network.bridge.enable_icc", "", "option com.docker.network.bridge.enable_icc: '' is neither true nor false")]
    [InlineData("masquerade", "TrUe", "option masquerade: 'TrUe' is neither true nor false")]
    [InlineData("mtu", "big", "option mtu: 'big' is not a number")]
    [InlineData("mtu", "1500.0", "option mtu: '1500.0' is not a number")]
    [InlineData("mtu", "99999999999", "option mtu: '99999999999' is not a number")]
    [InlineData("mtu", "-1", "option mtu: '-1' is out of range")]
    [InlineData("mtu", "67", "option mtu: '67' is out of range")]
    [InlineData("mtu", "65536", "option mtu: '65536' is out of range")]
    [InlineData("name", "", "option name: '' is empty")]
    [InlineData("name", "sixteen-bytes-ab", "option name: 'sixteen-bytes-ab' is longer than 15 bytes")]
    [InlineData("name", "a/b", "option name: 'a/b' has a '/' in it")]
    [InlineData("name", "all", "option name: 'all' is taken by the kernel itself")]
    [InlineData("ifname-prefix", "thirteenbytes", "option ifname-prefix: 'thirteenbytes' is longer than 12 bytes")]
    [InlineData("ifname-prefix", "a b", "option ifname-prefix: 'a b' has whitespace in it")]
    public void A_wrong_value_is_named_with_its_option(string key, string value, string message)
    {
        Parse((key, value));

        var problem = Assert.Single(_problems);
        Assert.Equal(("option.value", $"-o {key}", message), (problem.Code, problem.Field, problem.Message));
        Assert.NotNull(problem.Hint);
    }

    [Theory]
    [InlineData("masq", "masquerade")]
    [InlineData("mut", "mtu")]
    [InlineData("ICC", "icc")]
    [InlineData("ifname_prefix", "ifname-prefix")]
    [InlineData("com.docker.network.bridge.enable_ip_masq", "com.docker.network.bridge.enable_ip_masquerade")]
    [InlineData("com.docker.network.mtu", "mtu")]
    public void An_unknown_option_asks_for_the_nearest_known_one(string key, string meant)
    {
        Parse((key, "1"));

        var problem = Assert.Single(_problems);
        Assert.Equal(("option.unknown", $"-o {key}"), (problem.Code, problem.Field));
        Assert.StartsWith($"did you mean {meant}? known options: icc (com.docker.network.bridge.enable_icc), ", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_like_no_other_gets_the_list_alone()
    {
        Parse(("zzzzzzzz", "1"));

        Assert.StartsWith("known options: icc (", Assert.Single(_problems).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_by_both_its_names_is_refused()
    {
        Parse(("mtu", "1400"), ("com.docker.network.driver.mtu", "1450"));

        Assert.Equal("option.twice", Assert.Single(_problems).Code);
    }

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("icc", "icc", 0)]
    public void Edit_distance(string left, string right, int edits) => Assert.Equal(edits, EditDistance.Between(left, right));

    private BridgeOptions Parse(params (string Key, string Value)[] options) => BridgeOptions.Parse(Sample.Options(options), _problems);
}

using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class EndpointValidationTests
{
    private const string SysctlOption = "com.docker.network.endpoint.sysctls";
    private const string IfnameOption = "com.docker.network.endpoint.ifname";
    private readonly BridgeDriver _driver = new();

    [Fact]
    public void An_endpoint_that_asks_for_nothing_is_fine() => Assert.True(_driver.Validate(Sample.Spec(), new EndpointSpec()).IsValid);

    [Theory]
    [InlineData("eth0", null)]
    [InlineData("fifteen-bytes.a", null)]
    [InlineData("", "is empty")]
    [InlineData("sixteen-bytes-ab", "is longer than 15 bytes")]
    [InlineData("a/b", "has a '/' in it")]
    [InlineData("a:b", "has a ':' in it")]
    [InlineData("eth%d", "has a '%' in it")]
    [InlineData("br+", "has a '+' in it")]
    [InlineData("a b", "has whitespace in it")]
    [InlineData("a\n", "has whitespace in it")]
    [InlineData("é", "has a character outside printable ASCII")]
    [InlineData(".", "is taken by the kernel itself")]
    [InlineData("..", "is taken by the kernel itself")]
    [InlineData("lo", "is taken by the kernel itself")]
    [InlineData("all", "is taken by the kernel itself")]
    [InlineData("default", "is taken by the kernel itself")]
    public void Interface_names(string name, string? words)
    {
        var own = _driver.Validate(Sample.Spec(), new EndpointSpec { InterfaceName = name });
        var option = _driver.Validate(Sample.Spec(), new EndpointSpec { Options = Sample.Options((IfnameOption, name)) });

        if (words is null)
        {
            Assert.True(own.IsValid && option.IsValid);
            return;
        }

        Assert.Equal(("ifname.invalid", "--ifname"), (own.Problems.Single().Code, own.Problems.Single().Field));
        Assert.Equal(("ifname.invalid", $"-o {IfnameOption}"), (option.Problems.Single().Code, option.Problems.Single().Field));
        Assert.Equal($"interface name '{name}' {words}", own.Problems.Single().Message);
    }

    [Fact]
    public void An_interface_name_given_twice_must_be_the_same()
    {
        var spec = new EndpointSpec { InterfaceName = "eth7", Options = Sample.Options((IfnameOption, "eth8")) };

        Assert.Equal(["ifname.twice"], Codes(spec));
        Assert.Empty(Codes(spec with { Options = Sample.Options((IfnameOption, "eth7")) }));
        Assert.Equal("eth8", EndpointOptions.Of(spec with { InterfaceName = null }).InterfaceName);
    }

    [Theory]
    [InlineData("net.ipv4.conf.IFNAME.rp_filter")]
    [InlineData("net.ipv6.conf.ifname.accept_ra")]
    [InlineData("net.mpls.conf.IFNAME.input")]
    [InlineData("net.ipv4.neigh.IFNAME.gc_stale_time")]
    public void Sysctls_that_are_fine(string key) =>
        Assert.Empty(Codes(new EndpointSpec { Sysctls = Sample.Options((key, "1")), Options = Sample.Options((SysctlOption, $"{key}=1")) }));

    [Theory]
    [InlineData("net.ipv4.conf.eth0.rp_filter")]
    [InlineData("net.ipv4.ip_forward")]
    [InlineData("net.core.conf.IFNAME.x")]
    [InlineData("kernel.ipv4.conf.IFNAME.x")]
    [InlineData("net.ipv4.conf.IFNAME.x.y")]
    [InlineData("net.ipv4.conf.IFNAME.")]
    [InlineData("net.ipv4.a/../b.IFNAME.x")]
    [InlineData("")]
    public void Sysctls_that_are_not_of_an_interface(string key)
    {
        var problem = Assert.Single(Problems(new EndpointSpec { Sysctls = Sample.Options((key, "1")) }));
        Assert.Equal(("sysctl.name", "--sysctl"), (problem.Code, problem.Field));
        Assert.Contains("IFNAME", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Sysctls_without_a_value_or_with_two()
    {
        Assert.Equal(["sysctl.value"], Codes(new EndpointSpec { Sysctls = Sample.Options(("net.ipv4.conf.IFNAME.x", "")) }));
        Assert.Equal(["sysctl.value"], Codes(new EndpointSpec { Sysctls = Sample.Options(("net.ipv4.conf.IFNAME.x", "1\n2")) }));
        Assert.Equal(["sysctl.value"], Codes(new EndpointSpec { Options = Sample.Options((SysctlOption, "net.ipv4.conf.IFNAME.x")) }));
        Assert.Equal(
            ["sysctl.twice"],
            Codes(new EndpointSpec
            {
                Sysctls = Sample.Options(("net.ipv4.conf.IFNAME.x", "1")),
                Options = Sample.Options((SysctlOption, "net.ipv4.conf.ifname.x=2")),
            }));
    }

    [Fact]
    public void Turning_ipv6_off_on_a_network_that_has_it()
    {
        var spec = new EndpointSpec { Sysctls = Sample.Options(("net.ipv6.conf.IFNAME.disable_ipv6", "1")) };

        Assert.Empty(Codes(spec));
        Assert.Equal(["sysctl.conflict"], _driver.Validate(Sample.Spec() with { Ipv6 = true }, spec).Problems.Select(static p => p.Code));
    }

    [Theory]
    [InlineData("02:42:ac:11:00:02", true)]
    [InlineData("01:00:5e:00:00:01", false)]
    [InlineData("ff:ff:ff:ff:ff:ff", false)]
    [InlineData("00:00:00:00:00:00", false)]
    public void Hardware_addresses_are_unicast(string text, bool isFine)
    {
        Assert.True(MacAddress.TryParse(text, out var mac));
        Assert.Equal(isFine ? [] : ["mac.invalid"], Codes(new EndpointSpec { Mac = mac }));
    }

    [Fact]
    public void Static_addresses_need_their_family_on()
    {
        var ipv4 = new EndpointSpec { Ipv4 = IPAddress.Parse("10.0.0.9") };
        var ipv6 = new EndpointSpec { Ipv6 = IPAddress.Parse("fd00::9") };

        Assert.Empty(Codes(ipv4));
        Assert.Equal(["address.family-off"], Codes(ipv6));
        Assert.Equal(
            ["address.family-off"],
            _driver.Validate(Sample.Spec() with { Ipv4 = false, Ipv6 = true }, ipv4).Problems.Select(static p => p.Code));
        Assert.Equal(["address.family"], Codes(new EndpointSpec { Ipv4 = IPAddress.Parse("fd00::9") }));
    }

    [Fact]
    public void Announcements_have_limits()
    {
        const string count = "com.docker.network.advertise_addr_nmsgs";
        const string interval = "com.docker.network.advertise_addr_ms";
        Assert.Equal(["option.value"], Codes(new EndpointSpec { Options = Sample.Options((count, "4")) }));
        Assert.Equal(["option.value"], Codes(new EndpointSpec { Options = Sample.Options((interval, "99")) }));
        Assert.Equal(["option.value"], Codes(new EndpointSpec { Options = Sample.Options((interval, "2001")) }));

        var none = EndpointOptions.Of(new EndpointSpec { Options = Sample.Options((count, "0"), (interval, "100")) });
        var once = EndpointOptions.Of(new EndpointSpec { Options = Sample.Options((count, "1"), (interval, "100")) });
        Assert.Null(none.Announce.Over(default));
        Assert.Equal(new AnnouncePolicy(1, TimeSpan.FromMilliseconds(100)), once.Announce.Over(default));
        Assert.Equal(AnnouncePolicy.Default, EndpointOptions.Of(new EndpointSpec()).Announce.Over(default));
    }

    [Theory]
    [InlineData("2", null, null, 2, 1000)]
    [InlineData("2", "300", null, 2, 300)]
    [InlineData("2", "300", "1", 1, 300)]
    [InlineData("0", null, "3", 3, 1000)]
    [InlineData("0", "300", null, 0, 0)]
    public void A_network_says_how_its_endpoints_announce_themselves_unless_they_do(
        string networkCount, string? networkMs, string? ownCount, int count, int milliseconds)
    {
        const string key = "com.docker.network.advertise_addr_nmsgs";
        var options = networkMs is null ? Sample.Options((key, networkCount)) : Sample.Options((key, networkCount), ("com.docker.network.advertise_addr_ms", networkMs));
        var network = Sample.Network(Sample.Spec() with { Options = options });
        var view = Sample.Endpoint(network);
        var endpoint = ownCount is null ? view : view with { Endpoint = view.Endpoint with { Spec = view.Endpoint.Spec with { Options = Sample.Options((key, ownCount)) } } };

        var end = _driver.Desired(network, endpoint).Objects.OfType<LinkState>().Single(static l => !l.Namespace.IsHost);

        Assert.Equal(count == 0 ? null : new AnnouncePolicy(count, TimeSpan.FromMilliseconds(milliseconds)), end.Announce);
    }

    [Fact]
    public void Names_and_aliases() => Assert.Equal(
        ["name.invalid", "alias.invalid", "alias.invalid"],
        Codes(new EndpointSpec { Name = "a b", Aliases = ["db", "", "x y"] }));

    [Fact]
    public void Every_problem_is_named_at_once_and_each_has_code_field_message_and_hint()
    {
        var problems = Problems(new EndpointSpec
        {
            Name = "/",
            Ipv6 = IPAddress.Parse("fd00::9"),
            Mac = default(MacAddress),
            InterfaceName = "lo",
            Sysctls = Sample.Options(("net.ipv4.ip_forward", "1")),
            Options = Sample.Options(("com.docker.network.endpoint.ifnam", "x"), ("com.docker.network.advertise_addr_ms", "x")),
        });

        Assert.Equal(
            ["name.invalid", "address.family-off", "mac.invalid", "option.unknown", "sysctl.name", "ifname.invalid", "option.value"],
            problems.Select(static p => p.Code));
        Assert.All(problems, static p => Assert.True(p is { Field.Length: > 0, Message.Length: > 0, Hint.Length: > 0 }, p.ToString()));
    }

    private IEnumerable<Problem> Problems(EndpointSpec spec) => _driver.Validate(Sample.Spec(), spec).Problems;

    private IEnumerable<string> Codes(EndpointSpec spec) => Problems(spec).Select(static p => p.Code);
}

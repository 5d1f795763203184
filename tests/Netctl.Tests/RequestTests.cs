using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>What is typed arrives as the request's body.</summary>
public sealed class RequestTests
{
    [Fact]
    public async Task Create_sends_every_option()
    {
        var body = await BodyAsync(
            "create", "-d", "bridge", "--subnet", "10.20.0.0/24", "--subnet", "fd00::/64", "--gateway", "10.20.0.1",
            "--gateway", "fd00::1", "--ip-range", "10.20.0.128/25", "--aux-address", "nas=10.20.0.9", "--ipam-opt", "serial=true", "--ipv6", "--ipv4=false", "--internal", "-o", "mtu=1400", "--opt", "a=b=c",
            "--dns", "192.0.2.1", "--dns", "192.0.2.2", "--dns-search", "a.test", "--dns-option", "ndots:1", "--label", "app",
            "--label", "tier=front", "web");
        Assert.Equal(
            """
            {"name":"web","driver":"bridge","ipv4":false,"ipv6":true,"internal":true,"subnets":["10.20.0.0/24","fd00::/64"],
            "gateways":["10.20.0.1","fd00::1"],"ipRanges":["10.20.0.128/25"],"auxAddresses":{"nas":"10.20.0.9"},"ipamOptions":{"serial":"true"},
            "dns":["192.0.2.1","192.0.2.2"],"dnsSearch":["a.test"],"dnsOptions":["ndots:1"],"options":{"a":"b=c","mtu":"1400"},"labels":{"app":"","tier":"front"}}
            """.Replace("\n", string.Empty, StringComparison.Ordinal),
            body);
    }

    [Fact]
    public async Task Create_leaves_out_what_was_not_typed()
    {
        Assert.Equal(
            """{"name":"web","internal":false,"subnets":[],"gateways":[],"ipRanges":[],"auxAddresses":{},"ipamOptions":{},"dns":[],"dnsSearch":[],"dnsOptions":[],"options":{},"labels":{}}""",
            await BodyAsync("create", "web"));
    }

    [Fact]
    public async Task Connect_sends_every_option()
    {
        var body = await BodyAsync(
            "connect", "web", "pid:77", "--name", "n", "--alias", "a", "--alias", "b", "--ip", "10.20.0.9", "--ip6", "fd00::9",
            "--mac", "02:00:00:00:00:09", "--ifname", "net0", "--gw-priority", "-5",
            "--service", "api", "--hostname", "box", "--link", "db:store", "--link", "cache", "--dns", "192.0.2.1", "--dns-search", ".", "--dns-option", "ndots:1",
            "-p", "8080:80", "--publish", "[::1]::53/udp", "--expose", "lan",
            "--sysctl", "net.ipv4.conf.IFNAME.log_martians=1", "-o", "k=v");
        Assert.Equal(
            """
            {"sandbox":"pid:77","name":"n","aliases":["a","b"],"ip":"10.20.0.9","ip6":"fd00::9","mac":"02:00:00:00:00:09",
            "ifname":"net0","gatewayPriority":-5,"service":"api","hostname":"box","links":["db:store","cache"],"dns":["192.0.2.1"],"dnsSearch":["."],"dnsOptions":["ndots:1"],"publish":["8080:80","[::1]::53/udp"],"expose":"lan","sysctls":{"net.ipv4.conf.IFNAME.log_martians":"1"},"options":{"k":"v"}}
            """.Replace("\n", string.Empty, StringComparison.Ordinal),
            body);
    }

    [Fact]
    public async Task Update_sends_servers_for_a_network_or_an_endpoint()
    {
        Assert.Contains("""
            "dns":["default"],"dnsSearch":[],"dnsOptions":[]
            """.Trim(), await BodyAsync("update", "web", "--dns", "default"), StringComparison.Ordinal);
        Assert.Equal(
            """{"sandbox":"c1","publish":[],"dns":["192.0.2.1"],"dnsSearch":[],"dnsOptions":["rotate"],"unpublish":[]}""",
            await BodyAsync("update", "web", "c1", "--dns", "192.0.2.1", "--dns-option", "rotate"));
    }

    [Fact]
    public async Task Disconnect_names_the_sandbox() =>
        Assert.Equal("""{"sandbox":"c1"}""", await BodyAsync("disconnect", "web", "c1"));

    [Fact]
    public async Task Sandbox_create_names_the_sandbox() =>
        Assert.Equal("""{"name":"c1"}""", await BodyAsync("sandbox", "create", "c1"));

    [Fact]
    public async Task All_mistakes_of_a_line_are_named_at_once_and_nothing_is_sent()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(
            server.Path,
            ["connect", "web", "c1", "--gw-priority", "high", "--opt", "x", "--sysctl", "a=1", "--sysctl", "a=2", "--timeout", "301"]);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Empty(server.Requests);
        Golden.Check("usage-all-mistakes.txt", run.Error);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("301")]
    [InlineData("6m")]
    [InlineData("99999999999")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("s")]
    [InlineData("")]
    public async Task A_timeout_that_the_API_would_refuse_is_refused_here(string timeout)
    {
        var run = await Run.InProcessAsync(host: null, ["rm", "web", "--timeout", timeout]);
        Assert.Equal(ExitCode.Usage, run.Exit);
    }

    private static async Task<string> BodyAsync(params string[] args)
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, args);
        Assert.Equal(string.Empty, run.Error);
        return Assert.Single(server.Requests).Body;
    }
}

using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Wrong requests for networks: refused with every problem at once, and nothing is changed.</summary>
/// <remarks>
/// <code>
///   holder 10.160.0.0/16, fd16::/48 ── host 198.51.100.2/24
/// </code>
/// </remarks>
public sealed class NetworkRefusalTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly string s_long = new('a', 129);

    protected override bool OnlyRefuses => true;

    protected override async Task PrepareAsync()
    {
        if (!(await Stage.Api.GetAsync("/v1/networks/holder")).IsDone)
        {
            _ = await Stage.NetworkAsync("holder", "10.160.0.0/16", "fd16::/48");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-dash")]
    [InlineData("sp ace")]
    [InlineData("sla/sh")]
    [InlineData("ümlaut")]
    [InlineData("网络")]
    [InlineData("new\nline")]
    [InlineData("host")]
    [InlineData("129 times a")]
    public async Task A_bad_name_is_refused(string name)
    {
        var asked = name == "129 times a" ? s_long : name;
        var error = await RefusedAsync(400, new CreateNetworkRequest { Name = asked });
        Assert.StartsWith("name.", error.Code, StringComparison.Ordinal);
        Assert.NotNull(error.Hint);
        error = (await UnchangedAsync(() => Stage.Api.CreateSandboxAsync(asked == "host" ? "h/ost" : asked))).Refused(400);
        Assert.Equal("name.invalid", error.Code);
    }

    [Theory]
    [InlineData("10.20.1.0/16", "10.20.0.0/16")]
    [InlineData("fd00:1::1/64", "fd00:1::/64")]
    [InlineData("10.20.0.0", "/")]
    [InlineData("10.20.0.0/33", "33")]
    [InlineData("010.20.0.0/16", "010.20.0.0")]
    [InlineData("banana", "banana")]
    [InlineData("", "")]
    public async Task A_subnet_that_is_none_is_refused_with_what_was_meant(string subnet, string meant)
    {
        var error = await RefusedAsync(400, new CreateNetworkRequest { Name = "wrong", Subnets = [subnet] });
        Assert.Equal("subnet.invalid", error.Code);
        Assert.Contains(meant, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.160.7.0/24", "network holder")]
    [InlineData("10.0.0.0/8", "network holder")]
    [InlineData("fd16:0:0:9::/64", "network holder")]
    [InlineData("198.51.100.128/25", "uplink")]
    public async Task An_overlap_names_the_holder(string subnet, string holder)
    {
        var error = await RefusedAsync(409, new CreateNetworkRequest { Name = "wrong", Subnets = [subnet] });
        Assert.Contains(holder, error.Message, StringComparison.Ordinal);
        Assert.Contains(subnet, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.161.0.0/24", "10.161.0.0", "network address")]
    [InlineData("10.161.0.0/24", "10.161.0.255", "broadcast address")]
    [InlineData("10.161.0.0/24", "10.162.0.1", "10.161.0.0/24")]
    [InlineData("fd61::/64", "fd61::", "anycast address")]
    [InlineData("10.161.0.0/24", "banana", "banana")]
    [InlineData("127.0.0.0/24", "127.0.0.1", "loopback")]
    [InlineData("224.1.0.0/24", "224.1.0.1", "multicast")]
    [InlineData("fe80:1::/64", "fe80:1::1", "link-local")]
    [InlineData("10.161.0.1/32", "10.161.0.1", "one address")]
    public async Task A_gateway_or_subnet_that_cannot_be_is_refused(string subnet, string gateway, string why)
    {
        var error = await RefusedAsync(400, new CreateNetworkRequest { Name = "wrong", Subnets = [subnet], Gateways = [gateway] });
        Assert.Contains(error.Details, p => p.Message.Contains(why, StringComparison.Ordinal) || p.Hint?.Contains(why, StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("masquarade", "true", "masquerade")]
    [InlineData("com.docker.network.bridge.enable_ic", "true", "enable_icc")]
    [InlineData("icc", "maybe", "true or false")]
    [InlineData("mtu", "67", "68")]
    [InlineData("mtu", "65536", "65535")]
    [InlineData("mtu", "big", "whole number")]
    [InlineData("name", "far-too-long-for-a-link", "15")]
    [InlineData("name", "a/b", "/")]
    [InlineData("ifname-prefix", "e%d", "%")]
    public async Task A_wrong_option_is_refused_with_what_would_be_right(string key, string value, string right)
    {
        var error = await RefusedAsync(400, new CreateNetworkRequest { Name = "wrong", Options = Options.Of((key, value)) });
        Assert.Contains(right, error.Message + error.Hint, StringComparison.Ordinal);
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_problems_are_named_at_once()
    {
        var error = await RefusedAsync(400, new CreateNetworkRequest
        {
            Name = "-",
            Driver = "bridge",
            Subnets = ["10.20.1.0/16", "10.163.0.0/24", "10.164.0.0/24", "127.0.0.0/8"],
            Gateways = ["10.163.0.0", "1.2.3.4"],
            Options = Options.Of(("icc", "perhaps"), ("mtu", "-4"), ("nonsense", "1")),
        });
        string[] expected =
        [
            "name.invalid", "subnet.invalid", "subnet.too-many", "subnet.special", "gateway.unusable", "gateway.outside", "option.value", "option.unknown",
        ];
        Assert.Empty(expected.Except(error.Details.Select(static p => p.Code)));
        Assert.Equal(2, error.Details.Count(static p => p.Code == "option.value"));
        Assert.All(error.Details, static p => Assert.NotEmpty(p.Message));
    }

    [Fact]
    public async Task What_is_wrong_by_itself_hides_nothing_that_others_have()
    {
        var error = await RefusedAsync(400, new CreateNetworkRequest
        {
            Name = "holder",
            Ipv6 = true,
            Subnets = ["198.51.100.128/25", "fd99::1/64"],
            Gateways = ["198.51.100.128"],
            Options = Options.Of(("icc", "perhaps"), ("name", "uplink")),
        });
        string[] expected = ["subnet.invalid", "gateway.unusable", "option.value", "network.exists", "link.kind"];
        Assert.Equal(expected, error.Details.Select(static p => p.Code));

        error = await RefusedAsync(400, new CreateNetworkRequest { Name = "wrong", Subnets = ["198.51.100.128/25", "fd99::1/64"], Options = Options.Of(("icc", "perhaps")) });
        Assert.Equal(["subnet.invalid", "option.value", "subnet.host"], error.Details.Select(static p => p.Code));
        error = await RefusedAsync(400, new CreateNetworkRequest { Name = "holder", Driver = "brigde" });
        Assert.Equal(["driver.unknown", "network.exists"], error.Details.Select(static p => p.Code));
    }

    [Fact]
    public async Task A_change_that_is_wrong_by_itself_hides_nothing_that_others_have()
    {
        var change = new UpdateNetworkRequest
        {
            Subnets = ["10.166.0.0/24", "banana"],
            Options = Options.Of(("icc", "perhaps"), ("name", "br7")),
            RemovedLabels = ["team"],
            Dns = ["nobody"],
        };
        var error = (await UnchangedAsync(() => Stage.Api.UpdateAsync("holder", change))).Refused(400);
        string[] expected = ["subnet.invalid", "dns.server", "change.fixed", "label.unset", "subnet.too-many", "option.value", "change.fixed"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), error.Details.Select(static p => p.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_driver_there_is_not_and_a_name_that_is_taken_are_refused()
    {
        Assert.Contains("bridge", (await RefusedAsync(400, new CreateNetworkRequest { Name = "wrong", Driver = "brigde" })).Hint, StringComparison.Ordinal);
        Assert.Equal("network.exists", (await RefusedAsync(409, new CreateNetworkRequest { Name = "holder" })).Code);
        Assert.Equal(404, (await UnchangedAsync(() => Stage.Api.RemoveAsync("nobody"))).Status);
    }

    [Fact]
    public async Task A_dry_run_plans_and_changes_nothing()
    {
        var answer = await UnchangedAsync(() => Stage.Api.CreateAsync(
            new CreateNetworkRequest { Name = "dry", Subnets = ["10.165.0.0/24"] }, "?dryRun=true"));
        var steps = answer.As(ApiJson.Default.ChangeDocument).Plan!.Steps;
        Assert.Contains(steps, static s => s is { Verb: "create", Kind: "link" });
        Assert.Contains(steps, static s => s.Text.Contains("10.165.0.1/24", StringComparison.Ordinal));
        answer = await UnchangedAsync(() => Stage.Api.SendAsync(HttpMethod.Delete, "/v1/networks/holder?dryRun=true"));
        Assert.Contains(answer.As(ApiJson.Default.ChangeDocument).Plan!.Steps, static s => s is { Verb: "delete", Kind: "link" });
        Assert.Equal(400, (await UnchangedAsync(() => Stage.Api.SendAsync(HttpMethod.Delete, "/v1/networks/holder?dryRun=perhaps"))).Status);
    }

    private async Task<ErrorDocument> RefusedAsync(int status, CreateNetworkRequest request) =>
        (await UnchangedAsync(() => Stage.Api.CreateAsync(request))).Refused(status);
}

using System.Text.Json;
using Networking.Model.Api;
using Networking.Netctl.Requests;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>Filters mean what Docker's mean.</summary>
public sealed class FilterTests
{
    private static readonly NetworkDocument Web = JsonSerializer.Deserialize(Samples.Web, ApiJson.Default.NetworkDocument)!; // a constant
    private static readonly SandboxDocument Sandbox = JsonSerializer.Deserialize(Samples.Sandbox, ApiJson.Default.SandboxDocument)!; // a constant

    [Theory]
    [InlineData(true)]
    [InlineData(true, "id=aaaa")]
    [InlineData(true, "id=AAAA")]
    [InlineData(false, "id=b")]
    [InlineData(true, "name=web")]
    [InlineData(true, "name=e")]
    [InlineData(false, "name=WEB")]
    [InlineData(true, "driver=bridge")]
    [InlineData(false, "driver=bri")]
    [InlineData(true, "scope=local")]
    [InlineData(true, "state=done")]
    [InlineData(false, "state=pending")]
    [InlineData(true, "state=pending", "state=done")]
    [InlineData(false, "name=web", "driver=macvlan")]
    [InlineData(true, "label=app")]
    [InlineData(true, "label=app=shop")]
    [InlineData(false, "label=app=sho")]
    [InlineData(false, "label=shop")]
    [InlineData(true, "label=app", "label=tier=front")]
    [InlineData(false, "label=app", "label=tier=back")]
    public void A_network_passes(bool expected, params string[] filters) =>
        Assert.Equal(expected, Filter.Parse(filters, Filter.NetworkKeys).Matches(Web));

    [Theory]
    [InlineData(true, "id=cc")]
    [InlineData(true, "name=1")]
    [InlineData(true, "owner=daemon", "state=done")]
    [InlineData(false, "owner=process")]
    public void A_sandbox_passes(bool expected, params string[] filters) =>
        Assert.Equal(expected, Filter.Parse(filters, Filter.SandboxKeys).Matches(Sandbox));

    [Theory]
    [InlineData("type=network", true)]
    [InlineData("type=network.created", true)]
    [InlineData("type=net", false)]
    [InlineData("name=we", true)]
    [InlineData("object=aa", true)]
    [InlineData("object=b", false)]
    public void An_event_passes(string filter, bool expected)
    {
        var entry = JsonSerializer.Deserialize(Samples.Event, ApiJson.Default.EventDocument)!; // a constant
        Assert.Equal(expected, Filter.Parse([filter], Filter.EventKeys).Matches(entry));
    }

    [Fact]
    public void An_unknown_key_is_refused_and_the_known_ones_are_named()
    {
        var exception = Assert.Throws<UsageException>(() => Filter.Parse(["colour=red", "name", "name="], Filter.SandboxKeys));
        Assert.Equal(
            [
                "--filter colour=red: no such key here; there are id, name, owner, state.",
                "--filter name: write name=value.",
                "--filter name=: write name=value.",
            ],
            exception.Problems);
    }
}

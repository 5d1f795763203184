using System.Text.Json;
using Networking.Model.Api;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>Fields that the other side left out hold their empty value, never an uninitialised one.</summary>
public sealed class ApiDocumentTests
{
    [Fact]
    public void A_request_to_create_a_network_may_be_bare()
    {
        var request = JsonSerializer.Deserialize("{}", ApiJson.Strict.CreateNetworkRequest)!; // an object is never null
        Assert.Equal(string.Empty, request.Name);
        Assert.Empty(request.Subnets);
        Assert.Empty(request.Gateways);
        Assert.Empty(request.IpRanges);
        Assert.Empty(request.AuxAddresses);
        Assert.Empty(request.IpamOptions);
        Assert.Empty(request.Options);
        Assert.Empty(request.Labels);
    }

    [Fact]
    public void A_request_to_connect_may_be_bare()
    {
        var request = JsonSerializer.Deserialize("{}", ApiJson.Strict.ConnectRequest)!; // an object is never null
        Assert.Equal(string.Empty, request.Sandbox);
        Assert.Empty(request.Aliases);
        Assert.Empty(request.Publish);
        Assert.Empty(request.Sysctls);
        Assert.Empty(request.Options);
    }

    [Fact]
    public void An_answer_may_leave_out_what_is_empty()
    {
        var network = JsonSerializer.Deserialize(Samples.Lab, ApiJson.Default.NetworkDocument)!; // an object is never null
        Assert.Equal("local", network.Scope);
        Assert.Empty(network.Options);
        Assert.Empty(network.IpamOptions);
        Assert.Empty(network.Labels);
        Assert.Empty(network.Endpoints);
        var version = JsonSerializer.Deserialize("""{"version":"1","runtime":"1","kernel":"1"}""", ApiJson.Default.VersionDocument)!; // same
        Assert.Equal("v1", version.ApiVersion);
        Assert.Empty(JsonSerializer.Deserialize("{}", ApiJson.Default.PlanDocument)!.Steps); // same
        Assert.Empty(JsonSerializer.Deserialize("{}", ApiJson.Default.IpamDocument)!.Pools); // same
        Assert.Empty(JsonSerializer.Deserialize("{}", ApiJson.Default.IpamDocument)!.Subnets); // same
    }

    [Theory]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"subnets":null}""")]
    [InlineData("""{"options":null}""")]
    [InlineData("""{"ipRanges":"10.0.0.0/24"}""")]
    [InlineData("""{"auxAddresses":["a=10.0.0.1"]}""")]
    [InlineData("""{"ipamOptions":{"serial":true}}""")]
    [InlineData("""{"unknown":1}""")]
    public void A_request_with_null_or_unknown_fields_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ApiJson.Strict.CreateNetworkRequest));
}

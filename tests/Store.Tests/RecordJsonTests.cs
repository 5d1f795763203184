using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Networking.Model;

namespace Networking.Store.Tests;

public sealed class RecordJsonTests
{
    [Fact]
    public void Addresses_ids_and_cookies_are_stored_as_their_usual_text()
    {
        var endpoint = JsonSerializer.Serialize(Sample.Endpoint(4, 1, 3), StoreJson.Default.EndpointRecord);
        var sandbox = JsonSerializer.Serialize(Sample.Sandbox(3), StoreJson.Default.SandboxRecord);
        var network = JsonSerializer.Serialize(Sample.Network(1), StoreJson.Default.NetworkRecord);

        Assert.Contains($"\"networkId\":\"{Sample.Id(1)}\"", endpoint, StringComparison.Ordinal);
        Assert.Contains("\"mac\":\"02:42:0a:14:00:09\"", endpoint, StringComparison.Ordinal);
        Assert.Contains("\"ipv6\":\"fd00::9/64\"", endpoint, StringComparison.Ordinal);
        Assert.Contains("\"namespace\":\"18446744073709551615\"", sandbox, StringComparison.Ordinal);
        Assert.Contains("\"owner\":\"Process\"", sandbox, StringComparison.Ordinal);
        Assert.Contains(
            "{\"prefix\":\"10.20.0.0/16\",\"gateway\":\"10.20.0.1\",\"range\":\"10.20.4.0/24\",\"auxAddresses\":{\"printer\":\"10.20.0.7\"}}",
            network,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_fields_are_ignored()
    {
        var json = JsonSerializer.Serialize(Sample.Node(), StoreJson.Default.NodeRecord);

        var node = Read(json.Replace("{\"instanceId\"", "{\"future\":{\"a\":[1]},\"instanceId\"", StringComparison.Ordinal));

        Assert.Equal("0a1b2c3d", node.InstanceId);
    }

    [Fact]
    public void Fields_that_an_older_release_did_not_write_get_the_defaults_the_records_declare()
    {
        var json =
            $$"""
            {"id":"{{Sample.Id(1)}}","spec":{"name":"old"},"linkName":"nb-1","linkMac":"02:00:00:00:00:01",
             "created":"2024-05-06T07:08:09+00:00"}
            """;

        var network = RecordReader.Read(Encoding.UTF8.GetBytes(json), RecordReader.Network);

        Assert.Equal("bridge", network.Spec.Driver);
        Assert.True(network.Spec.Ipv4);
        Assert.Empty(network.Spec.Subnets);
        Assert.Empty(network.Spec.Options);
        Assert.Empty(network.AdoptedAddresses);
        Assert.Null(network.Ipv6);
    }

    [Fact]
    public void Ports_come_back_as_they_were_stored()
    {
        var endpoint = Sample.Endpoint(4, 1, 3);
        var json = JsonSerializer.SerializeToUtf8Bytes(endpoint, StoreJson.Default.EndpointRecord);

        var read = RecordReader.Read(json, RecordReader.Endpoint);

        Assert.Equal<IEnumerable<PublishSpec>>(endpoint.Spec.Publish, read.Spec.Publish);
        Assert.Equal<IEnumerable<PublishedPort>>(endpoint.Ports, read.Ports);
        var text = Encoding.UTF8.GetString(json);
        Assert.Contains("{\"target\":\"443\",\"published\":null,\"protocol\":\"Tcp\",\"hostAddress\":null,\"exposure\":null}", text, StringComparison.Ordinal);
        Assert.Contains("\"hostPorts\":\"8080-8081\",\"targetAddress\":\"10.20.0.9\",\"targetFirst\":80", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_of_a_release_without_published_ports_publishes_none()
    {
        var now = JsonNode.Parse(JsonSerializer.Serialize(Sample.Endpoint(4, 1, 3), StoreJson.Default.EndpointRecord))!.AsObject();
        Assert.True(now.Remove("ports") && now["spec"]!.AsObject().Remove("publish"));

        var read = RecordReader.Read(Encoding.UTF8.GetBytes(now.ToJsonString()), RecordReader.Endpoint);

        Assert.Empty(read.Ports);
        Assert.Empty(read.Spec.Publish);
        Assert.Equal("web", read.Spec.Name);
    }

    [Fact]
    public void Subnets_that_an_older_release_wrote_have_no_range_and_nothing_set_aside()
    {
        var json =
            $$"""
            {"id":"{{Sample.Id(1)}}","spec":{"name":"old","subnets":[{"prefix":"10.20.0.0/16","gateway":null},{"prefix":"fd00::/64","gateway":"fd00::1"}]},
             "linkName":"nb-1","linkMac":"02:00:00:00:00:01","ipv4":{"prefix":"10.20.0.0/16","gateway":"10.20.0.1"},
             "created":"2024-05-06T07:08:09+00:00"}
            """;

        var network = RecordReader.Read(Encoding.UTF8.GetBytes(json), RecordReader.Network);

        Assert.Equal(
            [new SubnetSpec(IPNetwork.Parse("10.20.0.0/16")), new SubnetSpec(IPNetwork.Parse("fd00::/64"), IPAddress.Parse("fd00::1"))],
            network.Spec.Subnets);
        Assert.Equal(new SubnetRecord(IPNetwork.Parse("10.20.0.0/16"), IPAddress.Parse("10.20.0.1")), network.Ipv4);
        Assert.Empty(network.Spec.IpamOptions);
    }

    [Fact]
    public void What_this_release_wrote_is_complete_and_needs_no_second_reading()
    {
        // The options that refuse any absent property, without the defaults of RecordReader.
        Assert.NotNull(Once(Sample.Node(), RecordReader.Node));
        Assert.NotNull(Once(Sample.Network(1), RecordReader.Network));
        Assert.NotNull(Once(Sample.Sandbox(1), RecordReader.Sandbox));
        Assert.NotNull(Once(Sample.Endpoint(1, 1, 1) with { Ipv4 = null, Spec = new EndpointSpec() }, RecordReader.Endpoint));

        static T? Once<T>(T record, JsonTypeInfo<T> type) =>
            JsonSerializer.Deserialize(JsonSerializer.Serialize(record, StoreJson.Default.GetTypeInfo(typeof(T))!), type);
    }

    [Theory]
    [InlineData("""{"bootId":"b"}""", "instanceId")]
    [InlineData("""{"instanceId":null,"bootId":"b"}""", "InstanceId")]
    [InlineData("""{"instanceId":"i","bootId":"b","originalSysctls":null}""", "OriginalSysctls")]
    [InlineData("""{"instanceId":"i","bootId":"b",""", "")]
    [InlineData("null", "null")]
    [InlineData("[]", "")]
    [InlineData("", "")]
    public void A_record_that_lacks_what_it_needs_is_refused(string json, string named)
    {
        var refusal = Assert.ThrowsAny<JsonException>(() => Read(json));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.20.0.9/16", "10.20.0.9/33")]
    [InlineData("\"ipv4\":\"10.20.0.9\"", "\"ipv4\":\"10.20.9\"")]
    [InlineData("02:42:0a:14:00:09", "02:42:0a:14:00")]
    [InlineData("\"hostPorts\":\"8080-8081\"", "\"hostPorts\":\"8081-8080\"")]
    [InlineData("\"hostPorts\":\"8080-8081\"", "\"hostPorts\":\"08080-8081\"")]
    [InlineData("\"target\":\"443\"", "\"target\":\"65536\"")]
    [InlineData("\"networkId\":\"", "\"networkId\":\"\",\"x\":\"")]
    [InlineData("\"gatewayPriority\":-3", "\"gatewayPriority\":\"high\"")]
    public void A_value_that_reading_would_have_to_guess_is_refused(string good, string bad)
    {
        var json = JsonSerializer.Serialize(Sample.Endpoint(4, 1, 3), StoreJson.Default.EndpointRecord);
        Assert.Contains(good, json, StringComparison.Ordinal);

        var damaged = Encoding.UTF8.GetBytes(json.Replace(good, bad, StringComparison.Ordinal));

        Assert.ThrowsAny<JsonException>(() => RecordReader.Read(damaged, RecordReader.Endpoint));
    }

    private static NodeRecord Read(string json) => RecordReader.Read(Encoding.UTF8.GetBytes(json), RecordReader.Node);
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;
using Networking.Netd.Requests;
using Networking.Store;

namespace Networking.Fuzz.Tests;

/// <summary>
/// Bodies of requests and records of the store: a value or <see cref="JsonException"/>; and of a request that could be read, a
/// list of problems and no exception.
/// </summary>
public sealed class JsonFuzzTests
{
    private const long BytesMax = 1 << 20;

    private static readonly CreateNetworkRequest s_create = new()
    {
        Name = "app",
        Subnets = ["10.20.0.0/16", "fd00::/64"],
        Gateways = ["10.20.0.1"],
        IpRanges = ["10.20.1.0/24"],
        Dns = ["192.0.2.1"],
        DnsSearch = ["a.test"],
        DnsOptions = ["ndots:1"],
    };

    private static readonly ConnectRequest s_connect = new()
    {
        Sandbox = "web",
        Aliases = ["www"],
        Ip = "10.20.0.2",
        Ip6 = "fd00::2",
        Mac = "02:42:ac:11:00:02",
        Publish = ["8080:80/tcp", "published=53,target=53,protocol=udp"],
        Links = ["db:store"],
        Service = "api",
        Dns = ["192.0.2.1"],
    };

    private static readonly UpdateNetworkRequest s_update = new() { Ipv6 = true, Subnets = ["fd00::/64"], RemovedLabels = ["a"], Dns = ["default"] };
    private static readonly UpdateEndpointRequest s_endpoint = new() { Sandbox = "web", Publish = ["80"], Unpublish = ["8080/tcp"], DnsSearch = ["."] };

    private static readonly (byte[] Body, Action<byte[]> Read)[] s_readers =
    [
        Request(s_create, ApiJson.Strict.CreateNetworkRequest, static r => NetworkRequestReader.Read(r, [])),
        Request(s_connect, ApiJson.Strict.ConnectRequest, static r => EndpointRequestReader.Read(r, [])),
        Request(s_update, ApiJson.Strict.UpdateNetworkRequest, static r => NetworkEditReader.Read(r, [])),
        Request(s_endpoint, ApiJson.Strict.UpdateEndpointRequest, static r =>
        {
            _ = PublishReader.Read(r.Publish, r.Expose, []);
            _ = UnpublishReader.Read(r.Unpublish, []);
            return DnsReader.Read(r.Dns, r.DnsSearch, r.DnsOptions, []);
        }),
        Stored(new NetworkRecord { Id = new NetworkId("a"), Spec = new NetworkSpec { Name = "app" }, LinkName = "nd-a", LinkMac = default, Created = default }, StoreJson.Default.NetworkRecord, RecordReader.Network),
        Stored(
            new EndpointRecord
            {
                Id = new EndpointId("e"), NetworkId = new NetworkId("a"), SandboxId = new SandboxId("s"), Name = "web",
                Spec = new EndpointSpec { Aliases = ["www"], Dns = new DnsSpec { Servers = [System.Net.IPAddress.Loopback] } },
                HostInterface = "veth0", Interface = "eth0", Mac = default, BootId = "b", Created = default,
            },
            StoreJson.Default.EndpointRecord,
            RecordReader.Endpoint),
    ];

    public static TheoryData<int> Seeds() => FuzzRun.Seeds(4, 20_26);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Wrong_bodies_are_refused_and_never_break_a_reader(int seed) => _ = FuzzRun.Each(
        seed,
        20_000,
        BytesMax,
        static r =>
        {
            var number = r.Next(s_readers.Length);
            return [(byte)number, .. Wrong(r, s_readers[number].Body)];
        },
        static b =>
        {
            s_readers[b[0]].Read(b[1..]);
            return true;
        },
        typeof(JsonException));

    // Half of them stay JSON: what stands between quotes is something else.
    private static byte[] Wrong(Random random, byte[] body)
    {
        if (random.Next(2) == 0)
        {
            return FuzzRun.Wrong(random, body);
        }

        var parts = Encoding.UTF8.GetString(body).Split('"');
        string[] values = ["", "0", "-1", "::", "a..b", "%", ":", ",", "/", "0.0.0.0/0", "300.1.1.1", "65536", new('9', 40), new('a', 300), "\\u0000", "é", "1-0", "=", "default", "."];
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            parts[(2 * random.Next(parts.Length / 2)) + 1] = values[random.Next(values.Length)]; // every other part stood between quotes
        }

        return Encoding.UTF8.GetBytes(string.Join('"', parts));
    }

    private static (byte[] Body, Action<byte[]> Read) Request<T>(T sample, JsonTypeInfo<T> type, Func<T, object> use) =>
        (JsonSerializer.SerializeToUtf8Bytes(sample, type), bytes => _ = JsonSerializer.Deserialize(bytes, type) is { } request ? use(request) : null);

    private static (byte[] Body, Action<byte[]> Read) Stored<T>(T sample, JsonTypeInfo<T> written, JsonTypeInfo<T> read)
        where T : class => (JsonSerializer.SerializeToUtf8Bytes(sample, written), bytes => _ = RecordReader.Read(bytes, read));
}

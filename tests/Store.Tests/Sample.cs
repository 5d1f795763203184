using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Networking.Model;

namespace Networking.Store.Tests;

/// <summary>Records with something in every field.</summary>
internal static class Sample
{
    public const string Boot = "0b5e3c5e-6a3c-4f6e-9a53-2f6f0c1d2e3f";

    public static readonly DateTimeOffset Created = new(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);

    public static string Id(int number) => number.ToString("x64", CultureInfo.InvariantCulture);

    public static NodeRecord Node(string instance = "0a1b2c3d") => new()
    {
        InstanceId = instance,
        BootId = Boot,
        OriginalSysctls = Map(("net/ipv4/ip_forward", "0")),
    };

    public static NetworkRecord Network(int number, string name = "blue") => new()
    {
        Id = new NetworkId(Id(number)),
        Spec = new NetworkSpec
        {
            Name = name,
            Ipv4 = false,
            Ipv6 = true,
            Internal = true,
            Subnets =
            [
                new SubnetSpec(IPNetwork.Parse("10.20.0.0/16"), IPAddress.Parse("10.20.0.1"))
                {
                    Range = IPNetwork.Parse("10.20.4.0/24"),
                    AuxAddresses = Aux("printer", "10.20.0.7"),
                },
                new SubnetSpec(IPNetwork.Parse("fd00::/64")),
            ],
            IpamOptions = Map(("com.docker.network.ipam.serial", "true")),
            Options = Map(("mtu", "1400")),
            Labels = Map(("owner", "Zoë \"quoted\""), ("Upper", "1")),
        },
        LinkName = "nb-" + number,
        LinkMac = new MacAddress(0x0242_0a14_0001),
        AdoptsLink = true,
        AdoptedAddresses = [IPAddress.Parse("10.20.0.1"), IPAddress.Parse("fd00::1")],
        AdoptedMtuBytes = 1400,
        Ipv4 = new SubnetRecord(IPNetwork.Parse("10.20.0.0/16"), IPAddress.Parse("10.20.0.1"))
        {
            Range = IPNetwork.Parse("10.20.4.0/24"),
            AuxAddresses = Aux("printer", "10.20.0.7"),
        },
        Ipv6 = new SubnetRecord(IPNetwork.Parse("fd00::/64"), null),
        Created = Created,
    };

    public static SandboxRecord Sandbox(int number, string boot = Boot) => new()
    {
        Id = new SandboxId(Id(number)),
        Name = "web-" + number,
        Owner = SandboxOwner.Process,
        Path = "/proc/77/ns/net",
        ProcessId = 77,
        ProcessStartTicks = 123_456_789_012,
        Namespace = new NetNs(ulong.MaxValue),
        BootId = boot,
        OriginalSysctls = Map(("net/ipv6/conf/all/forwarding", "0")),
        Created = Created,
    };

    public static EndpointRecord Endpoint(int number, int network, int sandbox, string boot = Boot) => new()
    {
        Id = new EndpointId(Id(number)),
        NetworkId = new NetworkId(Id(network)),
        SandboxId = new SandboxId(Id(sandbox)),
        Name = "web-" + number,
        Spec = new EndpointSpec
        {
            Name = "web",
            Ipv4 = IPAddress.Parse("10.20.0.9"),
            Mac = new MacAddress(0x0242_0a14_0009),
            GatewayPriority = -3,
            Aliases = ["www", "api"],
            Publish =
            [
                new PublishSpec
                {
                    Target = new PortRange(80, 81),
                    Published = new PortRange(8080, 8081),
                    Protocol = PortProtocol.Udp,
                    HostAddress = IPAddress.Parse("::1"),
                    Exposure = PortExposure.Lan,
                },
                new PublishSpec { Target = new PortRange(443, 443) },
            ],
            Sysctls = Map(("net.ipv4.conf.IFNAME.rp_filter", "2")),
        },
        HostInterface = "ve" + number,
        HostMac = new MacAddress(0xfe42_0a14_0001),
        Interface = "eth0",
        Mac = new MacAddress(0x0242_0a14_0009),
        Ipv4 = new InterfaceAddress(IPAddress.Parse("10.20.0.9"), 16),
        Ipv6 = new InterfaceAddress(IPAddress.Parse("fd00::9"), 64),
        Ports =
        [
            new PublishedPort
            {
                Protocol = PortProtocol.Udp,
                HostAddress = IPAddress.Parse("::1"),
                HostPorts = new PortRange(8080, 8081),
                TargetAddress = IPAddress.Parse("10.20.0.9"),
                TargetFirst = 80,
                Exposure = PortExposure.Lan,
                Path = PortPath.Forwarder,
            },
        ],
        BootId = boot,
        Created = Created,
    };

    /// <summary>A sandbox with two endpoints on network 1, which must be there.</summary>
    public static StoreChange Change(int number) => new()
    {
        Sandboxes = [Sandbox(number)],
        Endpoints = [Endpoint((2 * number) - 1, 1, number), Endpoint(2 * number, 1, number)],
    };

    /// <summary>Everything in one text, since records do not compare what their arrays hold.</summary>
    public static string Text(StoreContent content) => string.Join('\n', [
        JsonSerializer.Serialize(content.Node, StoreJson.Default.NodeRecord),
        .. content.Networks.Select(static r => JsonSerializer.Serialize(r, StoreJson.Default.NetworkRecord)),
        .. content.Sandboxes.Select(static r => JsonSerializer.Serialize(r, StoreJson.Default.SandboxRecord)),
        .. content.Endpoints.Select(static r => JsonSerializer.Serialize(r, StoreJson.Default.EndpointRecord)),
    ]);

    private static ImmutableSortedDictionary<string, IPAddress> Aux(string name, string address) =>
        ImmutableSortedDictionary<string, IPAddress>.Empty.Add(name, IPAddress.Parse(address));

    private static ImmutableSortedDictionary<string, string> Map(params (string Key, string Value)[] pairs) =>
        pairs.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value);
}

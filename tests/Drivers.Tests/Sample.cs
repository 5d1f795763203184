using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Drivers.Tests;

/// <summary>Records and views as the daemon would have granted them.</summary>
internal static class Sample
{
    public const string OwnerTag = "netd:0badcafe";

    public static readonly NetNs Sandbox = new(4711);

    public static NetworkSpec Spec(string name = "web") => new() { Name = name };

    public static NetworkView Network(NetworkSpec spec, char digit = 'a') => new(
        new NetworkRecord
        {
            Id = new NetworkId(new string(digit, 64)),
            Spec = spec,
            LinkName = $"br-{new string(digit, 12)}",
            LinkMac = new MacAddress(0x0242_ac14_0001),
            Ipv4 = spec.Ipv4 ? new SubnetRecord(IPNetwork.Parse("172.20.0.0/24"), IPAddress.Parse("172.20.0.1")) : null,
            Ipv6 = spec.Ipv6 ? new SubnetRecord(IPNetwork.Parse("fd00:1::/64"), IPAddress.Parse("fd00:1::1")) : null,
            Created = DateTimeOffset.UnixEpoch,
        },
        OwnerTag);

    public static EndpointView Endpoint(NetworkView network, int number = 2, EndpointSpec? spec = null) => new(
        new EndpointRecord
        {
            Id = new EndpointId(number.ToString("x64")),
            NetworkId = network.Network.Id,
            SandboxId = new SandboxId(new string('5', 64)),
            Name = $"c{number}",
            Spec = spec ?? new EndpointSpec(),
            HostInterface = $"veth{number:x7}",
            Interface = "eth0",
            Mac = new MacAddress(0x0242_ac14_0000 + (ulong)number),
            Ipv4 = Address(network.Network.Ipv4, number),
            Ipv6 = Address(network.Network.Ipv6, number),
            BootId = "boot",
            Created = DateTimeOffset.UnixEpoch,
        },
        new NetNs(Sandbox.Cookie + (ulong)number - 2));

    public static SandboxView SandboxOf(params ImmutableArray<SandboxEndpointView> endpoints) => new()
    {
        Sandbox = new SandboxRecord
        {
            Id = new SandboxId(new string('5', 64)),
            Name = "box",
            Owner = SandboxOwner.Daemon,
            Path = "/run/netd/netns/box",
            Namespace = Sandbox,
            BootId = "boot",
            Created = DateTimeOffset.UnixEpoch,
        },
        Endpoints = endpoints,
    };

    public static SandboxEndpointView Gateway(
        string network, string link, string? ipv4, string? ipv6 = null, int priority = 0, bool isInternal = false) =>
        new(network, isInternal, link, priority, Parse(ipv4), Parse(ipv6));

    public static ImmutableSortedDictionary<string, string> Options(params (string Key, string Value)[] options) =>
        options.ToImmutableSortedDictionary(static o => o.Key, static o => o.Value);

    private static IPAddress? Parse(string? text) => text is null ? null : IPAddress.Parse(text);

    private static InterfaceAddress? Address(SubnetRecord? subnet, int number) => subnet is null
        ? null
        : new InterfaceAddress(
            Prefix.FromNumber(Prefix.ToNumber(subnet.Prefix.BaseAddress) + (UInt128)number, subnet.Prefix.PrefixLength == 64),
            subnet.Prefix.PrefixLength);
}

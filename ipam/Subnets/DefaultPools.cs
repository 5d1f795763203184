using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Networking.Model;

namespace Networking.Ipam;

/// <summary>Where networks of this host get their subnets from when nobody says otherwise.</summary>
public static class DefaultPools
{
    private const int Ipv4SubnetLength = 24;
    private const int Ipv6SubnetLength = 64;

    /// <summary>
    /// 172.17.0.0 to 172.31.255.255, then 192.168.0.0/16, in /24: 4,096 networks. The ranges are those other engines take
    /// their local networks from (FACTS 1.10), so that a site has one exception to plan for; the pieces are smaller, because
    /// 31 networks are soon gone.
    /// </summary>
    public static ImmutableArray<SubnetPool> Ipv4 { get; } =
    [
        Cut("172.17.0.0/16"),
        Cut("172.18.0.0/15"),
        Cut("172.20.0.0/14"),
        Cut("172.24.0.0/13"),
        Cut("192.168.0.0/16"),
    ];

    /// <summary>
    /// A unique local /48 (RFC 4193) of this instance, in /64. Its 40 bits of "global id" come out of the instance's id by
    /// SHA-256, so that hosts rarely meet in one and a restart finds the same.
    /// </summary>
    public static SubnetPool Ipv6(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(instanceId));
        var globalId = BinaryPrimitives.ReadUInt64BigEndian(digest) & 0xFF_FFFF_FFFF;
        var address = ((UInt128)0xFD << 120) | ((UInt128)globalId << 80);
        return new SubnetPool(new IPNetwork(Prefix.FromNumber(address, ipv6: true), 48), Ipv6SubnetLength);
    }

    /// <summary>All pools of an instance that nobody configured.</summary>
    public static ImmutableArray<SubnetPool> Of(string instanceId) => Of(instanceId, []);

    /// <summary>
    /// All pools of an instance. Those configured replace the built-in ones of both families; only if none of them is IPv6
    /// the instance's own unique local prefix is added (FACTS 1.10, --default-address-pool).
    /// </summary>
    public static ImmutableArray<SubnetPool> Of(string instanceId, ImmutableArray<SubnetPool> configured) =>
        configured.IsEmpty ? Ipv4.Add(Ipv6(instanceId))
        : configured.Any(static p => p.IsIpv6) ? configured
        : configured.Add(Ipv6(instanceId));

    private static SubnetPool Cut(string prefix) => new(IPNetwork.Parse(prefix), Ipv4SubnetLength);
}

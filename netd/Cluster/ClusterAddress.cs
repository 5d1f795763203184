using System.Net;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netd.Cluster;

/// <summary>Addresses of the cluster as people write them, and which one others reach this node by. Pure.</summary>
internal static class ClusterAddress
{
    /// <summary>UDP and TCP.</summary>
    public const int Port = 7946;

    public static IPEndPoint Everywhere { get; } = new(IPAddress.IPv6Any, Port);

    /// <summary>Reads <c>192.0.2.1</c>, <c>192.0.2.1:7946</c>, <c>2001:db8::1</c> or <c>[2001:db8::1]:7946</c>; without a port it is 7946.</summary>
    /// <returns>What is wrong; null if nothing.</returns>
    public static string? TryRead(string text, out IPEndPoint endPoint)
    {
        endPoint = Everywhere;
        // In brackets the library takes the port for granted, and throws it away.
        var isAddress = IPAddress.TryParse(text, out var address) && !text.StartsWith('[') && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(static c => c == '.') == 3);
        if (!isAddress && (!IPEndPoint.TryParse(text, out var whole) || whole.Port == 0 || (whole.AddressFamily == AddressFamily.InterNetwork && text.Count(static c => c == '.') != 3)))
        {
            return $"'{text}' is not an address such as 192.0.2.1, 192.0.2.1:{Port} or [2001:db8::1]:{Port}; names are not looked up";
        }

        endPoint = isAddress ? new IPEndPoint(address!, Port) : IPEndPoint.Parse(text); // isAddress: it was read
        return null;
    }

    /// <summary>As <see cref="TryRead"/>, of something that was read before.</summary>
    public static IPEndPoint Read(string text) => TryRead(text, out var endPoint) is { } problem ? throw new InvalidDataException(problem) : endPoint;

    /// <summary>As <see cref="TryRead"/>, for who can be spoken to: not every address, and not a group.</summary>
    public static string? TryReadPeer(string text, out IPEndPoint endPoint) =>
        TryRead(text, out endPoint) ?? (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any) || endPoint.Address.IsIPv6Multicast
            || (endPoint.AddressFamily == AddressFamily.InterNetwork && endPoint.Address.GetAddressBytes()[0] >= 224)
            ? $"'{text}' is not the address of one host"
            : null);

    /// <summary>
    /// Where others reach this node if nobody says: the address it listens at; else one of the interface of the default route; else
    /// the only interface's.
    /// </summary>
    public static IPEndPoint? Choose(HostFacts facts, IPEndPoint listen)
    {
        if (!listen.Address.Equals(IPAddress.Any) && !listen.Address.Equals(IPAddress.IPv6Any))
        {
            return listen;
        }

        var isIpv4Only = listen.AddressFamily == AddressFamily.InterNetwork;
        var links = facts.Links
            .Where(static l => l.IsUp && l.Kind is not "bridge" and not "dummy")
            .Select(l => (l.Name, Address: AddressOf(l, isIpv4Only)))
            .Where(static l => l.Address is not null).ToList();
        var first = facts.Routes.Where(static r => r.Destination.PrefixLength == 0 && r.Gateway is not null)
            .OrderByDescending(static r => r.Destination.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
            .Select(r => links.FirstOrDefault(l => l.Name == r.Link).Address).FirstOrDefault(static a => a is not null);
        var chosen = first ?? (links.Count == 1 ? links[0].Address : null);
        return chosen is null ? null : new IPEndPoint(chosen, listen.Port);
    }

    private static IPAddress? AddressOf(HostLink link, bool isIpv4Only) => link.Addresses
        .Select(static a => a.Address)
        .Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal && (!isIpv4Only || a.AddressFamily == AddressFamily.InterNetwork))
        .OrderBy(static a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).FirstOrDefault();
}

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>
/// Which ports of the host are granted to which endpoint. Immutable. Asking and granting cost the logarithm of what is
/// granted on one address, times the number of addresses that ports are published on, which a host has few of.
/// </summary>
internal sealed class HostPortTable
{
    private readonly ImmutableDictionary<(PortProtocol Protocol, IPAddress Address), ImmutableSortedSet<HeldPorts>> _held;

    private HostPortTable(ImmutableDictionary<(PortProtocol Protocol, IPAddress Address), ImmutableSortedSet<HeldPorts>> held) => _held = held;

    /// <summary>Nothing is granted.</summary>
    public static HostPortTable Empty { get; } = new(ImmutableDictionary<(PortProtocol Protocol, IPAddress Address), ImmutableSortedSet<HeldPorts>>.Empty);

    /// <summary>
    /// Who holds one of these ports where the address would meet it: the same address, or the unspecified one of its family
    /// on either side. Null if nobody does.
    /// </summary>
    public HeldPorts? Holder(PortProtocol protocol, IPAddress address, PortRange ports) => Holders(protocol, address, ports).FirstOrDefault();

    /// <summary>Everybody who does, by address and then by port.</summary>
    public IEnumerable<HeldPorts> Holders(PortProtocol protocol, IPAddress address, PortRange ports) =>
        IsAny(address)
            ? _held.Keys.Where(k => k.Protocol == protocol && k.Address.AddressFamily == address.AddressFamily).SelectMany(k => Overlapping(k, ports))
            : Overlapping((protocol, address), ports).Concat(Overlapping((protocol, AnyOf(address)), ports));

    /// <summary>All that is held, in no order.</summary>
    public IEnumerable<HeldPorts> Held => _held.Values.SelectMany(static h => h);

    /// <summary>With the ports that an endpoint was granted; nobody else holds them.</summary>
    public HostPortTable Hold(EndpointId endpoint, IEnumerable<PublishedPort> ports)
    {
        var held = _held;
        foreach (var port in ports.Where(static p => p.TakesHostPorts))
        {
            var other = new HostPortTable(held).Holder(port.Protocol, port.HostAddress, port.HostPorts);
            Invariant.Check(other is null, $"port {port} was granted twice");
            var key = (port.Protocol, port.HostAddress);
            held = held.SetItem(
                key, held.GetValueOrDefault(key, ImmutableSortedSet.Create<HeldPorts>(ByFirstPort.Instance)).Add(new HeldPorts(port.HostPorts, endpoint)));
        }

        return ReferenceEquals(held, _held) ? this : new HostPortTable(held);
    }

    /// <summary>Without the ports that an endpoint was granted.</summary>
    public HostPortTable Release(IEnumerable<PublishedPort> ports)
    {
        var held = _held;
        foreach (var port in ports.Where(static p => p.TakesHostPorts))
        {
            var key = (port.Protocol, port.HostAddress);
            if (held.TryGetValue(key, out var set))
            {
                set = set.Remove(new HeldPorts(port.HostPorts, default));
                held = set.IsEmpty ? held.Remove(key) : held.SetItem(key, set);
            }
        }

        return ReferenceEquals(held, _held) ? this : new HostPortTable(held);
    }

    private IEnumerable<HeldPorts> Overlapping((PortProtocol Protocol, IPAddress Address) key, PortRange ports)
    {
        if (!_held.TryGetValue(key, out var set))
        {
            yield break;
        }

        // What is held is disjoint, so of those that begin before the range only the last can reach into it.
        var index = set.IndexOf(new HeldPorts(ports, default));
        for (var i = Math.Max((index >= 0 ? index : ~index) - 1, 0); i < set.Count && set[i].Ports.First <= ports.Last; i++)
        {
            if (set[i].Ports.Overlaps(ports))
            {
                yield return set[i];
            }
        }
    }

    private static bool IsAny(IPAddress address) => address.Equals(AnyOf(address));

    private static IPAddress AnyOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;

    private sealed class ByFirstPort : IComparer<HeldPorts>
    {
        public static ByFirstPort Instance { get; } = new();

        public int Compare(HeldPorts? x, HeldPorts? y) => x!.Ports.First.CompareTo(y!.Ports.First); // none is ever null in here
    }
}

/// <summary>Consecutive ports of one address, and whose they are.</summary>
internal sealed record HeldPorts(PortRange Ports, EndpointId Endpoint);

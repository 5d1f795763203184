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
    public HeldPorts? Holder(PortProtocol protocol, IPAddress address, PortRange ports)
    {
        if (!IsAny(address))
        {
            return Overlapping((protocol, address), ports) ?? Overlapping((protocol, AnyOf(address)), ports);
        }

        foreach (var key in _held.Keys)
        {
            if (key.Protocol == protocol && key.Address.AddressFamily == address.AddressFamily && Overlapping(key, ports) is { } held)
            {
                return held;
            }
        }

        return null;
    }

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

    private HeldPorts? Overlapping((PortProtocol Protocol, IPAddress Address) key, PortRange ports)
    {
        if (!_held.TryGetValue(key, out var set))
        {
            return null;
        }

        var index = set.IndexOf(new HeldPorts(ports, default));
        if (index >= 0)
        {
            return set[index];
        }

        // What is held is disjoint, so only the two beside the range can reach into it.
        var next = ~index;
        return next < set.Count && set[next].Ports.Overlaps(ports) ? set[next]
            : next > 0 && set[next - 1].Ports.Overlaps(ports) ? set[next - 1]
            : null;
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

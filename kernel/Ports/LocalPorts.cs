using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>Which ports are given when nobody asks for a number.</summary>
/// <param name="Range">net.ipv4.ip_local_port_range; both families and all protocols use it.</param>
/// <param name="Reserved">
/// net.ipv4.ip_local_reserved_ports, in ascending order: never given by themselves, but had by whoever asks for them.
/// </param>
public sealed record LocalPorts(PortRange Range, ImmutableArray<PortRange> Reserved)
{
    /// <summary>What counts where the kernel does not say: Docker's range (FACTS 1.7), the dynamic ports of RFC 6335.</summary>
    public static LocalPorts Default { get; } = new(new PortRange(49153, 65535), []);

    /// <summary>The last reserved port that stands in the way of some ports; null if none does.</summary>
    public int? LastReservedIn(PortRange ports)
    {
        // The first reserved range that begins behind the ports; the one before it is the last that can reach into them.
        var (low, high) = (0, Reserved.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Reserved[middle].First > ports.Last ? (low, middle) : (middle + 1, high);
        }

        return low > 0 && Reserved[low - 1].Overlaps(ports) ? Math.Min(Reserved[low - 1].Last, ports.Last) : null;
    }

    /// <inheritdoc/>
    public bool Equals(LocalPorts? other) => other is not null && Range == other.Range && Reserved.SequenceEqual(other.Reserved);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Range, Reserved.Length);
}

using System.Globalization;
using Networking.Model;

namespace Networking.Dns;

/// <summary>Ports on which an endpoint serves; SRV questions are answered from them.</summary>
/// <param name="Numbers">The ports.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Name">What the first is called, in lower case; null if it has only a number.</param>
public sealed record ServicePort(PortRange Numbers, string Protocol, string? Name = null)
{
    /// <summary>One port.</summary>
    public ServicePort(ushort number, string protocol, string? name = null)
        : this(new PortRange(number, number), protocol, name)
    {
    }

    /// <summary>The port that <c>_port._protocol</c> means, by name or by number; both in lower case, without the underscores.</summary>
    /// <returns>Zero if it is none of these.</returns>
    public ushort Find(ReadOnlySpan<char> port, ReadOnlySpan<char> protocol)
    {
        if (!protocol.SequenceEqual(Protocol))
        {
            return 0;
        }

        if (Name is { } name && port.SequenceEqual(name))
        {
            return (ushort)Numbers.First;
        }

        return port[0] != '0' && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= Numbers.First && number <= Numbers.Last ? number : (ushort)0;
    }
}

using System.Globalization;

namespace Networking.Bench;

/// <summary>What every contestant publishes with an endpoint: a TCP port that leads to 80, and a UDP port that leads to 53.</summary>
/// <param name="Tcp">Host port, 1 to 65535.</param>
/// <param name="Udp">Host port, 1 to 65535.</param>
internal sealed record TwoPorts(int Tcp, int Udp)
{
    public const int TcpTarget = 80;
    public const int UdpTarget = 53;

    /// <summary>The same for everybody who has a host of his own.</summary>
    public static TwoPorts Usual { get; } = new(8080, 5353);

    /// <summary>As netd and Docker write them.</summary>
    public string[] Short =>
    [
        string.Create(CultureInfo.InvariantCulture, $"0.0.0.0:{Tcp}:{TcpTarget}"),
        string.Create(CultureInfo.InvariantCulture, $"0.0.0.0:{Udp}:{UdpTarget}/udp"),
    ];

    /// <summary>Others beside the usual ones, for endpoints of one host.</summary>
    public static TwoPorts Numbered(int number) => new(20_000 + (2 * number), 20_001 + (2 * number));
}

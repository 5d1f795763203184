using System.Net;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>A network of the matrix: a container that publishes ports, and one beside it.</summary>
/// <param name="Name">As the page calls it.</param>
/// <param name="Number">Tells its subnets and host ports apart from those of others.</param>
/// <param name="Publisher">The container that publishes, if the network lets it.</param>
/// <param name="PublisherEnd">Its endpoint.</param>
/// <param name="Neighbor">The other one.</param>
/// <param name="NeighborEnd">Its endpoint.</param>
/// <param name="Device">The bridge.</param>
internal sealed record MatrixNetwork(
    string Name, int Number, Place Publisher, EndpointDocument PublisherEnd, Place Neighbor, EndpointDocument NeighborEnd, string Device)
{
    // Container ports: each leads to another set of the firewall, in gateway mode routed too.
    public const int Unpublished = 80;
    public const int ForLoopback = 81;
    public const int ForLan = 82;
    public const int ForWorld = 83;
    public const int AtLoopback = 84;

    private const int HostPorts = 8000;

    /// <summary>Every port that the publisher answers at.</summary>
    public static int[] Ports => [Unpublished, ForLoopback, ForLan, ForWorld, AtLoopback];

    /// <summary>What the publisher asks for.</summary>
    public static ConnectRequest Publishing(int number) => new()
    {
        Publish =
        [
            .. from protocol in new[] { "tcp", "udp" }
               from text in new[]
               {
                   $"published={HostPortOf(number, ForLoopback)},target={ForLoopback},expose=loopback",
                   $"published={HostPortOf(number, ForLan)},target={ForLan},expose=lan",
                   $"published={HostPortOf(number, ForWorld)},target={ForWorld},expose=world",
                   $"ip=127.0.0.1,published={HostPortOf(number, AtLoopback)},target={AtLoopback}",
                   $"ip=::1,published={HostPortOf(number, AtLoopback)},target={AtLoopback}",
               }
               select $"{text},protocol={protocol}",
        ],
    };

    /// <summary>The host's port for one of the container.</summary>
    public int HostPort(int port) => HostPortOf(Number, port);

    /// <summary>The gateway's address, whether or not the bridge has it.</summary>
    public IPAddress Gateway(bool isIpv6) => IPAddress.Parse(isIpv6 ? $"fd90:{Number}::1" : $"10.90.{Number}.1");

    /// <summary>The publisher's address; null in a family it lacks.</summary>
    public IPAddress? Address(bool isIpv6) =>
        (isIpv6 ? PublisherEnd.Ipv6 : PublisherEnd.Ipv4) is { } address ? IPAddress.Parse(Addresses.Bare(address)) : null;

    private static int HostPortOf(int number, int port) => HostPorts + (number * 10) + port - Unpublished;
}

using System.Net;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Control;

/// <summary>Published ports as the API shows them.</summary>
internal static class PortDocuments
{
    /// <summary>A granted port.</summary>
    public static PublishedPortDocument Of(PublishedPort port) => new()
    {
        Protocol = Word(port.Protocol),
        HostAddress = port.HostAddress.ToString(),
        HostPorts = port.HostPorts.ToString(),
        Target = new IPEndPoint(port.TargetAddress, 0).ToString()[..^1] + port.TargetPorts,
        Exposure = Word(port.Exposure),
        Path = Word(port.Path),
    };

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

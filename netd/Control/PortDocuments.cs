using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Control;

/// <summary>Published ports as the API shows them.</summary>
internal static class PortDocuments
{
    /// <summary>A granted port.</summary>
    public static PublishedPortDocument Of(PublishedPort port) => new()
    {
        Protocol = port.Protocol.Word(),
        HostAddress = port.HostAddress.ToString(),
        HostPorts = port.HostPorts.ToString(),
        Target = PortText.Of(port.TargetAddress, port.TargetPorts),
        Exposure = port.Exposure.Word(),
        Path = port.Path.Word(),
    };
}

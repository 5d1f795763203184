using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Netd.Tests.Ports;

/// <summary>An endpoint of which nothing counts but its ports.</summary>
internal static class WebEndpoint
{
    public static EndpointRecord With(ImmutableArray<PublishedPort> ports) => new()
    {
        Id = new EndpointId(new string('e', 64)),
        NetworkId = default,
        SandboxId = default,
        Name = "web",
        Interface = "eth0",
        HostInterface = "ve-1",
        BootId = "boot",
        Mac = default,
        Ports = ports,
        Spec = new EndpointSpec(),
        Created = default,
    };
}

using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>Published ports for people.</summary>
internal static class PortText
{
    /// <summary>The ports of several endpoints, as part of the readable view of a network or a sandbox.</summary>
    public static string Of(IEnumerable<EndpointDocument> endpoints, Style style)
    {
        var table = new Table(
            new("PUBLISHED"), new("TARGET"), new("PROTOCOL"), new("EXPOSED TO"), new("BY"), new("ENDPOINT"));
        foreach (var endpoint in endpoints)
        {
            foreach (var port in endpoint.Ports)
            {
                table.Add(Host(port), port.Target, port.Protocol, port.Exposure, port.Path, endpoint.Name);
            }
        }

        return table.Render(style);
    }

    /// <summary>All ports with who reaches them, and below what stands in the way.</summary>
    public static string Of(IEnumerable<PortDocument> ports, Style style)
    {
        var table = new Table(
            new("PUBLISHED"), new("TARGET"), new("SANDBOX"), new("NETWORK"), new("EXPOSED TO"), new("REACHED BY"));
        var obstacles = new List<string>();
        foreach (var port in ports)
        {
            table.Add(HostOf(port.Port), port.Port.Target, port.Sandbox, port.Network, port.Port.Exposure, port.Reach);
            obstacles.AddRange(port.Obstacles);
            if (!port.Reserved && port.Port.Path != "direct")
            {
                obstacles.Add($"no socket keeps {HostOf(port.Port)}: a process of this host that binds it later is not refused");
            }
        }

        var but = Ink.Caution.Paint("but", style.HasColour);
        return table.Render(style) + string.Concat(obstacles.Distinct().Select(text => $"{but} {Printable.Line(text)}\n"));
    }

    /// <summary>Address, ports and protocol on the host: <c>0.0.0.0:8080/tcp</c>.</summary>
    public static string HostOf(PublishedPortDocument port) => $"{Host(port)}/{port.Protocol}";

    /// <summary>A port in one word: <c>0.0.0.0:8080->10.20.0.2:80/tcp</c>.</summary>
    public static string Word(PublishedPortDocument port) => $"{Host(port)}->{port.Target}/{port.Protocol}";

    private static string Host(PublishedPortDocument port) => port.HostAddress.Contains(':', StringComparison.Ordinal)
        ? $"[{port.HostAddress}]:{port.HostPorts}"
        : $"{port.HostAddress}:{port.HostPorts}";
}

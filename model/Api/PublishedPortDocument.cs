namespace Networking.Model.Api;

/// <summary>A published port in force: as many ports of the host as of the target, paired in order.</summary>
public sealed record PublishedPortDocument
{
    /// <summary><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Address of the host; <c>0.0.0.0</c> or <c>::</c> for all of that family.</summary>
    public required string HostAddress { get; init; }

    /// <summary>Port of the host, or <c>first-last</c>.</summary>
    public required string HostPorts { get; init; }

    /// <summary>Address and port, or ports, of the endpoint: <c>10.20.0.2:80</c>, <c>[fd00::2]:80-81</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Who may reach it: <c>loopback</c>, <c>lan</c> or <c>world</c>.</summary>
    public required string Exposure { get; init; }

    /// <summary>How it gets there: <c>kernel</c>, <c>forwarder</c>, or <c>direct</c> at its own address.</summary>
    public required string Path { get; init; }
}

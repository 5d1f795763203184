namespace Networking.Dns;

/// <summary>A port on which an endpoint serves; SRV questions are answered from it.</summary>
/// <param name="Number">1–65,535.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Name">What it is called, in lower case; null if it has only a number.</param>
public sealed record ServicePort(ushort Number, string Protocol, string? Name = null)
{
    /// <summary>Whether <c>_port._protocol</c> means this one, by name or by number; both in lower case, without the underscores.</summary>
    public bool IsCalled(ReadOnlySpan<char> port, ReadOnlySpan<char> protocol) =>
        protocol.SequenceEqual(Protocol)
        && ((Name is { } name && port.SequenceEqual(name)) || (port[0] != '0' && ushort.TryParse(port, System.Globalization.NumberStyles.None, null, out var number) && number == Number));
}

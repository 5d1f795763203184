namespace Networking.Kernel;

/// <summary>
/// Writes another port into the transport header and mends its checksum. Packet by packet: the kernel remembers nothing, and
/// the answers need a rule of their own. Stands behind the protocol's own match.
/// </summary>
/// <param name="Protocol">IANA number of TCP (6) or UDP (17): it says where the checksum stands.</param>
/// <param name="Field">Source or destination port.</param>
/// <param name="Port">1 to 65,535.</param>
public sealed record SetPort(byte Protocol, FirewallField Field, ushort Port) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{FirewallText.Word(Field).Replace("th", FirewallText.Protocol(Protocol), StringComparison.Ordinal)} set {Port}";
}

namespace Networking.Kernel;

/// <summary>Ends the rule unless the transport header has this port. Stands behind the protocol's own match.</summary>
/// <param name="Field">Source or destination port.</param>
/// <param name="Port">1 to 65,535.</param>
public sealed record MatchPort(FirewallField Field, ushort Port) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"{FirewallText.Word(Field)} {Port}";
}

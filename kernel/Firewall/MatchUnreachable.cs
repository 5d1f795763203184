namespace Networking.Kernel;

/// <summary>Ends the rule unless ICMP says that somebody cannot be reached. Stands behind the protocol's own match.</summary>
public sealed record MatchUnreachable : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => "icmp type destination-unreachable";
}

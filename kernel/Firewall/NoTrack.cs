namespace Networking.Kernel;

/// <summary>Keeps the packet from connection tracking, which must come behind this hook's priority.</summary>
public sealed record NoTrack : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => "notrack";
}

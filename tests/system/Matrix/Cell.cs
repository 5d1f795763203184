namespace Networking.Daemon.Tests.Matrix;

/// <summary>One probe of a table, and what came of it.</summary>
/// <param name="Row">Who tried.</param>
/// <param name="Column">What.</param>
/// <param name="Transport">By what.</param>
/// <param name="IsIpv6">In which family.</param>
/// <param name="Probe">The probe.</param>
internal sealed record Cell(Client Row, Target Column, Transport Transport, bool IsIpv6, Probe Probe)
{
    /// <summary>The outcome in a word of the page.</summary>
    public string Word { get; set; } = string.Empty;
}

using Networking.Model;

namespace Networking.Netd.Firewall;

/// <summary>What the host's firewall is, and why.</summary>
/// <param name="Backend">What it is.</param>
/// <param name="Reason">Why it is that: a sentence without a subject, for <c>info</c> and <c>doctor</c>.</param>
internal sealed record FirewallChoice(FirewallBackend Backend, string Reason)
{
    /// <summary>nf_tables, because nobody has chosen.</summary>
    public static FirewallChoice Nftables { get; } = new(FirewallBackend.Nftables, "the default");

    /// <summary>The backend's word, as <c>--firewall</c> takes it.</summary>
    public string Word => Backend.ToString().ToLowerInvariant();

    /// <summary>With iptables, whether its programs change the older tables, which nf_tables does not show.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>What ought to be known besides; null if nothing.</summary>
    public string? Warning { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Word}: {Reason}";
}

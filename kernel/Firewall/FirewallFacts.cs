namespace Networking.Kernel;

/// <summary>What could be the host's firewall.</summary>
/// <param name="NftablesProblem">What the kernel said to a table with NAT in nf_tables; null if it took it, or was not asked.</param>
/// <param name="IptablesVersion">What the programs of iptables on PATH say of themselves; null if they cannot be used.</param>
/// <param name="IsIptablesLegacy">Whether those programs change the older tables, which nf_tables does not show.</param>
/// <param name="IptablesProblem">Why they cannot be used; null if they can. Where nf_tables works it may say that they were not looked for.</param>
public sealed record FirewallFacts(string? NftablesProblem, string? IptablesVersion, bool IsIptablesLegacy, string? IptablesProblem);

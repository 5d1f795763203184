namespace Networking.Kernel;

/// <summary>What could be the host's firewall.</summary>
/// <param name="NftablesProblem">What the kernel said to a table with NAT in nf_tables; null if it took it.</param>
/// <param name="IptablesVersion">What the programs of iptables on PATH say of themselves; null if they cannot be used.</param>
/// <param name="IsIptablesLegacy">Whether those programs change the older tables, which nf_tables does not show.</param>
/// <param name="IptablesProblem">Why they cannot be used; null if they can.</param>
public sealed record FirewallFacts(string? NftablesProblem, string? IptablesVersion, bool IsIptablesLegacy, string? IptablesProblem);

namespace Networking.Netlink;

/// <summary>An operation that cannot be said in nf_tables, found before anything is sent.</summary>
/// <param name="Operation">Its index.</param>
/// <param name="Reason">Why, in a few words.</param>
public readonly record struct FirewallProblem(int Operation, string Reason);

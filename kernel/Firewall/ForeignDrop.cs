namespace Networking.Kernel;

/// <summary>
/// A chain of somebody else that drops what nothing accepts, of packets through the host or of those to it: by its policy, or
/// by a last rule that drops or rejects everything (firewalld, and the rules that Red Hat has always shipped).
/// </summary>
/// <param name="Family">Family of its table as nft writes it: <c>ip</c>, <c>ip6</c> or <c>inet</c>.</param>
/// <param name="Table">Name of its table.</param>
/// <param name="Chain">Its name.</param>
/// <param name="AdmissionChain">
/// Where a <see cref="ForeignAdmissionState"/> should stand: DOCKER-USER where the chain jumps to one, else the chain itself.
/// Null where we cannot put one: in a table of iptables-legacy, or one whose owner keeps all others out (NFT_TABLE_F_OWNER);
/// and of a chain for packets to the host, which is the administrator's alone.
/// </param>
/// <param name="Remedy">
/// The command that lets our packets pass; BRIDGE stands for the name of a network's bridge. Of a chain for packets to the
/// host, FIRST-LAST (or FIRST:LAST, as the tool writes a range) stands for published ports and PROTOCOL for theirs.
/// </param>
public sealed record ForeignDrop(string Family, string Table, string Chain, string? AdmissionChain, string Remedy)
{
    /// <summary>True for a table of iptables-legacy, which nf_tables does not show.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>
    /// True if packets whose destination was translated pass all the same, because the chain accepts them (<c>ct status dnat</c>,
    /// as firewalld does): published ports are reached, sandboxes do not get out.
    /// </summary>
    public bool AcceptsTranslated { get; init; }

    /// <summary>The command that lets packets to a sandbox's own address pass, where <see cref="Remedy"/> does not; null if it does.</summary>
    public string? InwardRemedy { get; init; }

    /// <summary>Whether it sees packets of a family.</summary>
    public bool Sees(bool isIpv6) => Family != (isIpv6 ? "ip" : "ip6");

    /// <summary>The chain in words, such as <c>chain FORWARD of table ip filter</c>.</summary>
    public string Describe() => $"chain {Chain} of table {Family} {Table}{(IsLegacy ? " (iptables-legacy)" : string.Empty)}";
}

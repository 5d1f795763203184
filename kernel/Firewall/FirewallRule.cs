using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Networking.Kernel;

/// <summary>
/// A rule: expressions, and a comment (NFTNL_UDATA_RULE_COMMENT) that identifies it. The comment ends in a digest of
/// the expressions, so an observed comment tells whether the rule is still the one that was written.
/// </summary>
public sealed class FirewallRule : IEquatable<FirewallRule>
{
    private FirewallRule(string comment, ImmutableArray<FirewallExpression> expressions)
    {
        Comment = comment;
        Expressions = expressions;
    }

    /// <summary>Purpose and digest, such as <c>masquerade ipv4 #1f00ab3c</c>.</summary>
    public string Comment { get; }

    /// <summary>What it matches and does; empty in an observation.</summary>
    public ImmutableArray<FirewallExpression> Expressions { get; }

    /// <summary>The rule in nft's words, for plans.</summary>
    public string Text => string.Join(' ', Expressions);

    /// <summary>A rule to write.</summary>
    /// <param name="purpose">A few plain words, unique in its chain.</param>
    /// <param name="expressions">What it matches and does.</param>
    public static FirewallRule Create(string purpose, params ImmutableArray<FirewallExpression> expressions) =>
        new($"{purpose} #{Digest(string.Join(' ', expressions)):x8}", expressions);

    /// <summary>A rule as read from the kernel.</summary>
    public static FirewallRule Observed(string? comment) => new(comment ?? "(foreign)", []);

    /// <summary>Rules are the same when their comments are: the digest covers the expressions.</summary>
    public bool Equals(FirewallRule? other) => other is not null && Comment == other.Comment;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FirewallRule);

    /// <inheritdoc/>
    public override int GetHashCode() => Comment.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Comment;

    // FNV-1a: stable over processes and versions, which string.GetHashCode is not.
    private static uint Digest(string text)
    {
        var hash = 2166136261u;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash;
    }
}

/// <summary>
/// One step of a rule, a level above nf_tables' registers: each case is encoded as the one to three kernel expressions it
/// needs. <c>ToString</c> is nft's own syntax. A closed union.
/// </summary>
public abstract record FirewallExpression
{
    private protected FirewallExpression()
    {
    }
}

/// <summary>A field of the packet or its metadata that can be looked up or compared.</summary>
public enum FirewallField
{
    /// <summary>iifname (NFT_META_IIFNAME).</summary>
    InputInterface,

    /// <summary>oifname (NFT_META_OIFNAME).</summary>
    OutputInterface,

    /// <summary>ip saddr.</summary>
    Ipv4Source,

    /// <summary>ip daddr.</summary>
    Ipv4Destination,

    /// <summary>ip6 saddr.</summary>
    Ipv6Source,

    /// <summary>ip6 daddr.</summary>
    Ipv6Destination,

    /// <summary>meta l4proto.</summary>
    Protocol,

    /// <summary>th sport.</summary>
    SourcePort,

    /// <summary>th dport.</summary>
    DestinationPort,

    /// <summary>meta mark.</summary>
    Mark,
}

/// <summary>Ends the rule unless the fields, concatenated, are in a set (or are not, if negated).</summary>
public sealed record MatchSet(ImmutableArray<FirewallField> Fields, string Set, bool IsNegated = false) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{FirewallText.Join(Fields)} {(IsNegated ? "!= " : string.Empty)}@{Set}";
}

/// <summary>Looks the fields up in a verdict map and does what it says; goes on if they are not there.</summary>
public sealed record LookupVerdict(ImmutableArray<FirewallField> Fields, string Map) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"{FirewallText.Join(Fields)} vmap @{Map}";
}

/// <summary>Ends the rule unless the packet is of this family (meta nfproto).</summary>
public sealed record MatchFamily(bool IsIpv6) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"meta nfproto {(IsIpv6 ? "ipv6" : "ipv4")}";
}

/// <summary>
/// Ends the rule unless no interface brought the packet: the host's own, or one that br_netfilter shows to postrouting.
/// </summary>
public sealed record MatchNoInput : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => "iif 0";
}

/// <summary>Ends the rule unless the interface has this name.</summary>
public sealed record MatchInterface(FirewallField Field, string Name, bool IsNegated = false) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"{FirewallText.Word(Field)} {(IsNegated ? "!= " : string.Empty)}\"{Name}\"";
}

/// <summary>Ends the rule unless the connection is established or related (ct state).</summary>
public sealed record MatchEstablished : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => "ct state established,related";
}

/// <summary>Counts packets and bytes.</summary>
public sealed record Counter : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => "counter";
}

/// <summary>Accepts, drops, returns.</summary>
public sealed record Verdict(FirewallVerdict Kind) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        FirewallVerdict.Accept => "accept",
        FirewallVerdict.Drop => "drop",
        _ => "return",
    };
}

/// <summary>Goes to another chain and comes back.</summary>
public sealed record Jump(string Chain) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"jump {Chain}";
}

/// <summary>Rewrites the source to the address of the outgoing interface.</summary>
public sealed record Masquerade : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => "masquerade";
}

/// <summary>Rewrites the source to a fixed address.</summary>
public sealed record SourceNat(IPAddress Address) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"snat to {Address}";
}

/// <summary>
/// Rewrites the destination to what a map holds for the fields; goes on if they are not there. The map's value is an
/// address, or an address and a port.
/// </summary>
public sealed record DestinationNatMap(bool IsIpv6, ImmutableArray<FirewallField> Fields, string Map, bool HasPort) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"dnat {(IsIpv6 ? "ip6" : "ip")} to {FirewallText.Join(Fields)} map @{Map}";
}

/// <summary>Rewrites the source to the address a map holds for the fields; goes on if they are not there.</summary>
public sealed record SourceNatMap(bool IsIpv6, ImmutableArray<FirewallField> Fields, string Map) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"snat {(IsIpv6 ? "ip6" : "ip")} to {FirewallText.Join(Fields)} map @{Map}";
}

/// <summary>Ends the rule unless the destination (or source) is an address of this host (fib … type local).</summary>
public sealed record MatchLocal(bool IsSource = false, bool IsNegated = false) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"fib {(IsSource ? "saddr" : "daddr")} type {(IsNegated ? "!= " : string.Empty)}local";
}

/// <summary>Ends the rule unless the connection's destination was rewritten (ct status dnat).</summary>
public sealed record MatchTranslated : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => "ct status dnat";
}

/// <summary>Ends the rule unless the address is inside the prefix (or is not, if negated).</summary>
/// <param name="Field">One of the address fields.</param>
/// <param name="Prefix">Of the field's family, at least one bit long.</param>
/// <param name="IsNegated">Whether it must be outside.</param>
public sealed record MatchPrefix(FirewallField Field, IPNetwork Prefix, bool IsNegated = false) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{FirewallText.Word(Field)} {(IsNegated ? "!= " : string.Empty)}{(IsAddress ? Prefix.BaseAddress : Prefix)}";

    // nft shortens a prefix of full length to the address.
    private bool IsAddress => Prefix.PrefixLength == (Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
}

/// <summary>Ends the rule unless the transport protocol is this one (meta l4proto), by IANA number.</summary>
public sealed record MatchProtocol(byte Protocol) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"meta l4proto {FirewallText.Protocol(Protocol)}";
}

/// <summary>Ends the rule unless TCP ends the connection at once (RST). Stands behind the protocol's own match.</summary>
public sealed record MatchTcpReset : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => "tcp flags & rst == rst";
}

/// <summary>Sets bits of the packet's mark and leaves the others.</summary>
public sealed record SetMark(uint Bits) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"meta mark set meta mark | 0x{Bits:x8}";
}

/// <summary>Ends the rule unless all these bits of the packet's mark are set.</summary>
public sealed record MatchMark(uint Bits) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"meta mark & 0x{Bits:x8} == 0x{Bits:x8}";
}

/// <summary>Goes to another chain and does not come back.</summary>
public sealed record Goto(string Chain) : FirewallExpression
{
    /// <inheritdoc/>
    public override string ToString() => $"goto {Chain}";
}

/// <summary>Final words of a rule.</summary>
public enum FirewallVerdict
{
    /// <summary>NF_ACCEPT: done with this hook's chains of ours.</summary>
    Accept,

    /// <summary>NF_DROP.</summary>
    Drop,

    /// <summary>NFT_RETURN.</summary>
    Return,
}

/// <summary>nft's words for fields.</summary>
internal static class FirewallText
{
    public static string Join(ImmutableArray<FirewallField> fields) => string.Join(" . ", fields.Select(Word));

    public static string Protocol(byte number) => number switch
    {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        58 => "ipv6-icmp",
        132 => "sctp",
        _ => number.ToString(),
    };

    public static string Word(FirewallField field) => field switch
    {
        FirewallField.InputInterface => "iifname",
        FirewallField.OutputInterface => "oifname",
        FirewallField.Ipv4Source => "ip saddr",
        FirewallField.Ipv4Destination => "ip daddr",
        FirewallField.Ipv6Source => "ip6 saddr",
        FirewallField.Ipv6Destination => "ip6 daddr",
        FirewallField.Protocol => "meta l4proto",
        FirewallField.SourcePort => "th sport",
        FirewallField.DestinationPort => "th dport",
        FirewallField.Mark => "meta mark",
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, null),
    };
}

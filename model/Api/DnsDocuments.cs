using System.Collections.Immutable;

namespace Networking.Model.Api;

/// <summary>A name that resolves for a sandbox, or on a network.</summary>
public sealed record DnsNameDocument
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The network it is on.</summary>
    public required string Network { get; init; }

    /// <summary>Its addresses, of all who share the name; as many as 64.</summary>
    public ImmutableArray<string> Addresses { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>An answer of a sandbox's resolver.</summary>
public sealed record DnsAnswerDocument
{
    /// <summary>The name asked for.</summary>
    public required string Name { get; init; }

    /// <summary>The type asked for.</summary>
    public required string Type { get; init; }

    /// <summary>Who answered: <c>names</c>, <c>cache</c>, <c>upstream</c>, <c>internal</c> (others may not be asked) or <c>refusal</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>The result as DNS calls it: <c>NOERROR</c>, <c>NXDOMAIN</c>, <c>SERVFAIL</c> …</summary>
    public required string Code { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Its records.</summary>
    public ImmutableArray<DnsRecordDocument> Records { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>A question of a sandbox and what became of it.</summary>
public sealed record DnsLogDocument
{
    /// <summary>When it was answered.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The name asked for; empty for bytes that are no question.</summary>
    public required string Name { get; init; }

    /// <summary>The type asked for.</summary>
    public required string Type { get; init; }

    /// <summary><c>udp</c> or <c>tcp</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Who answered, as in <see cref="DnsAnswerDocument.Stage"/>.</summary>
    public required string Stage { get; init; }

    /// <summary>The result as DNS calls it; <c>SILENCE</c> if nothing was answered.</summary>
    public required string Code { get; init; }

    /// <summary>How long it took, in milliseconds; zero if it was known at once.</summary>
    public required double Milliseconds { get; init; }
}

/// <summary>A record of an answer.</summary>
public sealed record DnsRecordDocument
{
    /// <summary>Whose.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required string Type { get; init; }

    /// <summary>How long it holds, in seconds.</summary>
    public required uint Ttl { get; init; }

    /// <summary>What it says; bytes that are not understood as hex.</summary>
    public required string Data { get; init; }
}

using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>What a user asked to be different about how names are asked for. Null leaves a list as it is; an empty one takes it away.</summary>
internal sealed record DnsEdit
{
    /// <summary>Servers.</summary>
    public ImmutableArray<IPAddress>? Servers { get; init; }

    /// <summary>Domains to search.</summary>
    public ImmutableArray<string>? Search { get; init; }

    /// <summary>Options of resolv.conf.</summary>
    public ImmutableArray<string>? Options { get; init; }

    /// <summary>Nothing is asked.</summary>
    public bool IsEmpty => Servers is null && Search is null && Options is null;

    /// <summary>What it shall be.</summary>
    public DnsSpec Apply(DnsSpec before) => new()
    {
        Servers = Servers ?? before.Servers,
        Search = Search ?? before.Search,
        Options = Options ?? before.Options,
    };
}

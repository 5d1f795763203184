using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Kernel.Tests.Histories;

/// <summary>A bridge network, small but with an object of every lane.</summary>
public sealed record SampleNetwork(int Number, int MtuBytes = 1500)
{
    public string Link => $"br{Number}";

    public ScopeId Scope => new($"network/n{Number}");

    public IPAddress Gateway => IPAddress.Parse($"10.{Number}.0.1");
}

/// <summary>A sandbox; its default route goes by the interface named.</summary>
public sealed record SampleSandbox(ulong Cookie, int? GatewayNetwork = null, string? GatewayInterface = null)
{
    public NetNs Namespace => new(Cookie);

    public ScopeId Scope => new($"sandbox/s{Cookie}");
}

/// <summary>An endpoint: a veth pair, its addresses, a sysctl of it, its published ports.</summary>
public sealed record SampleEndpoint(int Number, int Network, ulong Sandbox, string Interface = "eth0", int Ports = 1)
{
    public string HostLink => $"veth{Number}";

    public ScopeId Scope => new($"endpoint/e{Number}");

    public int MtuBytes { get; init; } = 1500;

    public int FirstPort { get; init; } = 8000;
}

/// <summary>A scope with what it shall be.</summary>
public sealed record SampleScope(ScopeId Id, KernelState Desired, ImmutableArray<ScopeId> Parents);

/// <summary>What is asked of the node at one moment.</summary>
public sealed record Intent
{
    public const string OwnerTag = "netd:0badcafe";

    public static Intent Empty { get; } = new();

    public ImmutableArray<SampleNetwork> Networks { get; init; } = [];

    public ImmutableArray<SampleSandbox> Sandboxes { get; init; } = [];

    public ImmutableArray<SampleEndpoint> Endpoints { get; init; } = [];

    /// <summary>The table that stands for the backend in which the host's firewall is.</summary>
    public string Table { get; init; } = Ownership.FirewallTable;

    /// <summary>Every scope, parents before children.</summary>
    public ImmutableArray<SampleScope> Scopes => [.. Written.Select(s => s with { Desired = SampleStates.In(s.Desired, Table) })];

    private ImmutableArray<SampleScope> Written =>
    [
        new(ScopeId.Node, SampleStates.Node, []),
        .. Networks.Select(static n => new SampleScope(n.Scope, SampleStates.Of(n), [ScopeId.Node])),
        .. Sandboxes.Select(s => new SampleScope(s.Scope, SampleStates.Of(s), [ScopeId.Node])),
        .. Endpoints.Select(e => new SampleScope(
            e.Scope,
            SampleStates.Of(e),
            [new SampleNetwork(e.Network).Scope, new SampleSandbox(e.Sandbox).Scope])),
    ];

    public Intent With(SampleNetwork network) =>
        this with { Networks = [.. Networks.Where(n => n.Number != network.Number), network] };

    public Intent With(SampleSandbox sandbox) =>
        this with { Sandboxes = [.. Sandboxes.Where(s => s.Cookie != sandbox.Cookie), sandbox] };

    public Intent With(SampleEndpoint endpoint) =>
        this with { Endpoints = [.. Endpoints.Where(e => e.Number != endpoint.Number), endpoint] };

    public Intent WithoutNetwork(int number) => this with { Networks = [.. Networks.Where(n => n.Number != number)] };

    public Intent WithoutSandbox(ulong cookie) => this with { Sandboxes = [.. Sandboxes.Where(s => s.Cookie != cookie)] };

    public Intent WithoutEndpoint(int number) => this with { Endpoints = [.. Endpoints.Where(e => e.Number != number)] };

    /// <summary>The changes of intent from an earlier moment: what goes first, children before parents, then what comes.</summary>
    public ImmutableArray<ScopeChange> Since(Intent? earlier, long revision)
    {
        var before = earlier?.Scopes ?? [];
        var after = Scopes;
        var old = before.ToDictionary(static s => s.Id);
        var kept = after.Select(static s => s.Id).ToHashSet();
        return
        [
            .. before.Where(s => !kept.Contains(s.Id)).Reverse().Select(s => new ScopeChange(s.Id, revision, null, s.Parents)),
            .. after
                .Where(s => !old.TryGetValue(s.Id, out var same) || !same.Desired.Equals(s.Desired))
                .Select(s => new ScopeChange(s.Id, revision, s.Desired, s.Parents)),
        ];
    }
}

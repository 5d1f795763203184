using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// A day in the life of a host, as requests: each with what there is once it was granted. After a sudden death there is
/// what the last answered request left, or what the unanswered one wanted; nothing between and nothing else.
/// </summary>
internal sealed class Scenario
{
    private readonly List<Step> _steps = [];
    private readonly SortedSet<string> _state = new(StringComparer.Ordinal);

    public Scenario(string foreignNamespace)
    {
        Add(ApiCall.Create(new CreateNetworkRequest { Name = "a", Subnets = ["10.61.0.0/24", "fd61::/64"] }), ["network a"]);
        Add(ApiCall.Create(new CreateNetworkRequest { Name = "b", Subnets = ["10.62.0.0/24"], Internal = true }), ["network b"]);
        Add(ApiCall.CreateSandbox("s1"), ["sandbox s1"]);
        Add(ApiCall.CreateSandbox("s2"), ["sandbox s2"]);
        Connect("a", "s1");
        Connect("b", "s1");
        Connect("a", foreignNamespace);
        Connect("a", "s2", publish: ["8080:80", "5353:53/udp"]);
        Add(ApiCall.Disconnect("a", foreignNamespace), [], [$"endpoint a {foreignNamespace}"]);
        Connect("a", foreignNamespace);
        Add(ApiCall.Create(new CreateNetworkRequest { Name = "c", Subnets = ["10.63.0.0/24", "fd63::/64"], Options = Pairs("mtu", "1400") }), ["network c"]);
        Connect("c", "s1", gatewayPriority: 10); // the gateway moves
        Add(ApiCall.Disconnect("c", "s1"), [], ["endpoint c s1"]); // and back
        Connect("c", "s2", gatewayPriority: 10, publish: ["8081:81"]);
        Add(ApiCall.Remove("a", isForced: true), [], ["network a", "endpoint a s1", "endpoint a s2", $"endpoint a {foreignNamespace}"]);
        Connect("c", foreignNamespace);
        Add(ApiCall.Create(Macvlan("m", "10.64.0.0/24", "10.64.0.1", Pairs("parent", Stage.Parent).Add("host-shim", "true"))), ["network m"]);
        Connect("m", "s1", gatewayPriority: 20);
        Connect("m", foreignNamespace);
        Add(ApiCall.Disconnect("m", "s1"), [], ["endpoint m s1"]);
        Add(ApiCall.Remove("m", isForced: true), [], ["network m", $"endpoint m {foreignNamespace}"]);
        Add(ApiCall.Create(Macvlan("p", "10.65.0.0/24", "10.65.0.1", Pairs("parent", Stage.Parent).Add("macvlan_mode", "passthru"))), ["network p"]);
        Connect("p", "s1");
        Add(ApiCall.Remove("p", isForced: true), [], ["network p", "endpoint p s1"]);
        Add(ApiCall.Create(new CreateNetworkRequest { Name = "d", Subnets = ["10.66.0.0/24", "fd66::/64"], Options = Pairs("name", Stage.Bridge) }), ["network d"]);
        Connect("d", "s1", publish: ["8082:82"]);
        Add(ApiCall.Remove("d", isForced: true), [], ["network d", "endpoint d s1"]);
        Add(ApiCall.RemoveSandbox("s2", isForced: true), [], ["sandbox s2", "endpoint c s2"]);
        Add(ApiCall.Disconnect("b", "s1"), [], ["endpoint b s1"]);
        Add(ApiCall.Remove("b"), [], ["network b"]);
        Add(ApiCall.RemoveSandbox("s1"), [], ["sandbox s1"]);
        Add(ApiCall.Remove("c", isForced: true), [], ["network c", $"endpoint c {foreignNamespace}"]);
    }

    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>What there is, by the daemon's documents, in the words of <see cref="Step.After"/>.</summary>
    public static string Describe(NetworkDocument[] networks, SandboxDocument[] sandboxes) => string.Join("; ", networks.Select(static n => $"network {n.Name}")
        .Concat(sandboxes.Where(static s => s.Owner == "daemon").Select(static s => $"sandbox {s.Name}"))
        .Concat(sandboxes.SelectMany(static s => s.Endpoints).Select(static e => $"endpoint {e.Network} {e.Sandbox}"))
        .Order(StringComparer.Ordinal));

    /// <summary>Sends the requests until one is not answered.</summary>
    /// <param name="api">Who is asked.</param>
    /// <param name="answered">What is done after each answer.</param>
    /// <returns>How many were answered.</returns>
    public async Task<int> RunAsync(Api api, Func<Task>? answered = null)
    {
        for (var i = 0; i < _steps.Count; i++)
        {
            try
            {
                _ = await api.DoAsync(_steps[i].Call);
                await (answered?.Invoke() ?? Task.CompletedTask);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return i; // nobody is there any more
            }
        }

        return _steps.Count;
    }

    public static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Pairs(string key, string value) =>
        System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add(key, value);

    private static CreateNetworkRequest Macvlan(
        string name, string subnet, string router, System.Collections.Immutable.ImmutableSortedDictionary<string, string> options) =>
        new() { Name = name, Driver = "macvlan", Subnets = [subnet], Gateways = [router], Options = options };

    private void Connect(string network, string sandbox, int gatewayPriority = 0, string[]? publish = null) =>
        Add(ApiCall.Connect(network, new ConnectRequest { Sandbox = sandbox, GatewayPriority = gatewayPriority, Publish = [.. publish ?? []] }), [$"endpoint {network} {sandbox}"]);

    private void Add(ApiCall call, string[] comes, string[]? goes = null)
    {
        var before = string.Join("; ", _state);
        _state.UnionWith(comes);
        _state.ExceptWith(goes ?? []);
        _steps.Add(new Step(call, before, string.Join("; ", _state)));
    }

    /// <summary>A request, and what there is before and after it.</summary>
    internal sealed record Step(ApiCall Call, string Before, string After);
}

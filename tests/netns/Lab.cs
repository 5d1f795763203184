using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>
/// A kernel adapter, and namespaces made by <c>ip netns</c> with unique names, removed even when a test fails.
/// </summary>
/// <remarks>
/// <code>
///   host namespace                     sandbox A            sandbox B
///   ntbXXXX bridge ── ntvXXXX… veth ── eth0                 eth0 …
/// </code>
/// </remarks>
internal sealed class Lab : IAsyncDisposable
{
    private static int _count;

    private readonly List<string> _namespaces = [];
    private readonly string _suffix = $"{Environment.ProcessId % 4096:x}{Interlocked.Increment(ref _count):x}";

    private Lab(int handlesMax, NetlinkKernelOptions? options, FirewallTransportFactory? firewall)
    {
        Directory = new NamespaceDirectory(firewall, handlesMax);
        Kernel = new NetlinkKernel(Directory, options);
        Tag = Ownership.TagOf($"t{_suffix}");
    }

    public NamespaceDirectory Directory { get; }

    public NetlinkKernel Kernel { get; }

    public string Tag { get; }

    /// <summary>Name of the test's bridge.</summary>
    public string Bridge => $"ntb{_suffix}";

    public static Lab Open(int handlesMax = 64, NetlinkKernelOptions? options = null, FirewallTransportFactory? firewall = null)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        return new Lab(handlesMax, options, firewall);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A unique name in the host's namespace.</summary>
    public string Veth(int number) => $"ntv{_suffix}x{number.ToString("D4", CultureInfo.InvariantCulture)}";

    /// <summary>Makes a namespace with the oracle and opens it with the directory.</summary>
    public async Task<(NetNs Namespace, string Name)> SandboxAsync()
    {
        var name = $"netd-t-{_suffix}-{_namespaces.Count}";
        Run("ip", "netns", "add", name);
        _namespaces.Add(name);
        var identity = await Directory.OpenAsync($"/run/netns/{name}", [], Cancel);
        return (identity.Namespace, name);
    }

    public async Task<ImmutableArray<OperationResult>> ApplyAsync(NetNs ns, params KernelOperation[] operations) =>
        await Kernel.ApplyAsync(new KernelBatch(ns, operations[0].Lane, [.. operations]), Cancel);

    public async Task DoneAsync(NetNs ns, params KernelOperation[] operations)
    {
        foreach (var result in await ApplyAsync(ns, operations))
        {
            Assert.True(result.IsDone, result.Error?.ToString());
        }
    }

    /// <summary>Observes the objects' namespace: each must be there and differ in nothing.</summary>
    public async Task AssertAsDesiredAsync(params KernelObject[] objects)
    {
        var state = await Kernel.ObserveAsync(new Observation(objects[0].Namespace, Tag, [.. objects]), Cancel);
        foreach (var item in objects)
        {
            Assert.True(state.Contains(item.Key), $"{item.Describe()} is not there, but {string.Join("; ", state.Objects.Select(o => o.Describe()))}");
            Assert.Empty(item.CompareTo(state[item.Key]!).Fields);
        }

        // By our own marks the same is found, without being asked for.
        state = await Kernel.ObserveAsync(new Observation(objects[0].Namespace, Tag, []), Cancel);
        foreach (var item in objects.Where(item => item is LinkState { Alias: not null } or AddressState or RouteState))
        {
            Assert.True(state.Contains(item.Key), $"{item.Describe()} is not known as ours");
        }
    }

    public static KernelOperation Create(KernelObject item) => new(OperationVerb.Create, null, item, []);

    public static KernelOperation Change(KernelObject before, KernelObject after) => new(OperationVerb.Change, before, after, []);

    public static KernelOperation Delete(KernelObject item) => new(OperationVerb.Delete, item, null, []);

    public LinkState BridgeState() => new()
    {
        Namespace = NetNs.Host,
        Name = Bridge,
        Details = new BridgeLink(),
        Alias = $"{Tag}:network/1",
        Mac = new MacAddress(0x0242_0a14_0001),
        MtuBytes = 1500,
        IsUp = true,
        HasLinkLocal = false,
    };

    public (LinkState Host, LinkState Peer) Pair(NetNs sandbox, int number, string peerName = "eth0", string? master = null)
    {
        var mac = new MacAddress(0x0242_0a14_0100 + (ulong)number);
        var host = new LinkState
        {
            Namespace = NetNs.Host,
            Name = Veth(number),
            Details = new VethLink(sandbox, peerName, mac),
            Alias = $"{Tag}:endpoint/{number:D4}",
            MtuBytes = 1450,
            IsUp = true,
            Master = master ?? Bridge,
            Port = new BridgePortState(IsIsolated: true, HasHairpin: true),
            HasLinkLocal = false,
        };
        var peer = new LinkState
        {
            Namespace = sandbox,
            Name = peerName,
            Details = new VethPeerLink(NetNs.Host, Veth(number)),
            Alias = $"{Tag}:endpoint/{number:D4}",
            Mac = mac,
            MtuBytes = 1450,
            IsUp = true,
            HasLinkLocal = true,
        };
        return (host, peer);
    }

    public static AddressState Address(NetNs ns, string link, string text)
    {
        Assert.True(Prefix.TryParseInterface(text, out var address, out var problem), problem);
        return new AddressState { Namespace = ns, Link = link, Address = address! };
    }

    /// <summary>Runs an oracle and returns its output.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var (code, output, error) = TryRun(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {error}");
        return output;
    }

    public static (int Code, string Output, string Error) TryRun(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
#pragma warning disable VSTHRD002 // the process has ended, so its output has too
        return (process.ExitCode, output, error.Result);
#pragma warning restore VSTHRD002
    }

    /// <summary>What <c>ip -j …</c> says; null if it says nothing or refuses.</summary>
    public static JsonElement? Ip(string? netns, params string[] arguments)
    {
        string[] all = netns is null ? ["-j", "-d", .. arguments] : ["-n", netns, "-j", "-d", .. arguments];
        var (code, output, _) = TryRun("ip", all);
        return code == 0 && output.Trim() is { Length: > 2 } text ? JsonDocument.Parse(text).RootElement : null;
    }

    public static JsonElement? Link(string? netns, string name) => Ip(netns, "link", "show", "dev", name)?[0];

    /// <summary>Waits for a condition with a deadline; says what was seen last.</summary>
    public static async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), what());
            await Task.Delay(5, Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Kernel.DisposeAsync();
        await Directory.DisposeAsync();
        foreach (var name in _namespaces)
        {
            _ = TryRun("ip", "netns", "del", name);
        }

        var left = Ip(null, "link", "show")?.EnumerateArray().Select(static link => link.GetProperty("ifname").GetString()!) ?? [];
        foreach (var name in left.Where(name => name.StartsWith("nt", StringComparison.Ordinal) && name.Contains(_suffix, StringComparison.Ordinal)))
        {
            _ = TryRun("ip", "link", "del", name);
        }
    }
}

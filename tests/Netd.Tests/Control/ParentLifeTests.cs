using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Control;

/// <summary>
/// Interfaces that networks stand on, from the request to the (fake) kernel: VLANs are made once, shared, and go with the last
/// network; what was there before stays; what goes and comes back is a reason and then mended.
/// </summary>
public sealed class ParentLifeTests : IAsyncDisposable
{
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(20);
    private static readonly NetNs s_ns = new(5);

    private readonly FakeKernel _kernel = new(s_ns);
    private readonly Reconciler _reconciler;
    private readonly SeededIdSource _ids = new(new Random(3));
    private NodeState _state;

    public ParentLifeTests()
    {
        var node = new NodeRecord { InstanceId = "0badcafe", BootId = "boot" };
        _state = PredefinedNetworks.AddTo(
            new NodeState { Node = node, Subnets = AddressSpace.Create(DefaultPools.Of(node.InstanceId)) }, DateTimeOffset.UnixEpoch);
        _reconciler = new Reconciler(
            _kernel, TimeProvider.System, new ReconcilerOptions { OwnerTag = _state.OwnerTag }, new ReconcilerListener(new Netd.Events.EventLog(TimeProvider.System), NullLogger.Instance, TimeProvider.System));
        _reconciler.Start();
        _kernel.ForeignCreate(Hardware("eth0"));
    }

    [Fact]
    public async Task A_vlan_is_made_for_its_first_network_and_goes_with_its_last()
    {
        await BeginAsync();
        await CreateAsync("a", "eth0.50");
        await CreateAsync("b", "eth0.50");
        await CreateAsync("c", "eth0.60");
        Assert.Equal(new VlanLink("eth0", 50), Link("eth0.50")!.Details);
        Assert.Equal(new VlanLink("eth0", 60), Link("eth0.60")!.Details);
        Assert.True(Link("eth0.50")!.IsUp);

        await CommitAsync(new RemoveNetwork("a", IsForced: false));
        await CommitAsync(new RemoveNetwork("c", IsForced: false));
        await UntilAsync(() => Link("eth0.60") is null);
        Assert.NotNull(Link("eth0.50"));
        await CommitAsync(new RemoveNetwork("b", IsForced: false));
        await UntilAsync(() => Link("eth0.50") is null && !_reconciler.Statuses.Keys.Any(static s => s.Value.StartsWith("parent/", StringComparison.Ordinal)));
        Assert.NotNull(Link("eth0"));
        Assert.Empty(_kernel.Misuses);
    }

    [Fact]
    public async Task A_vlan_interface_that_was_there_is_used_and_stays()
    {
        _kernel.ForeignCreate(Hardware("eth0.70") with { Details = new VlanLink("eth0", 70) });
        await BeginAsync();
        await CreateAsync("a", "eth0.70");
        var record = _state.Networks[_state.NetworkNames["a"]].Record;
        Assert.True(record.AdoptsLink);
        Assert.Null(Link("eth0.70")!.Alias);
        await CommitAsync(new RemoveNetwork("a", IsForced: false));
        await UntilAsync(() => !_reconciler.Statuses.ContainsKey(ScopeId.OfParent("eth0.70")));
        Assert.NotNull(Link("eth0.70"));
    }

    [Fact]
    public async Task A_parent_that_goes_is_a_reason_and_its_return_brings_vlan_and_endpoint_back()
    {
        await BeginAsync();
        await CreateAsync("a", "eth0.50");
        await ConnectAsync("a");
        Assert.Equal(new MacvlanLink(NetNs.Host, "eth0.50", MacvlanMode.Bridge), Link("eth0", s_ns)!.Details);

        _ = _kernel.ForeignDelete(LinkState.KeyOf(NetNs.Host, "eth0"));
        await UntilAsync(() => ReasonOf("eth0")?.Contains("ENODEV", StringComparison.Ordinal) == true);
        Assert.Null(Link("eth0.50"));
        Assert.Null(Link("eth0", s_ns));

        _kernel.ForeignCreate(Hardware("eth0"));
        await UntilAsync(() => Link("eth0", s_ns) is not null && ReasonOf("eth0") is null && ReasonOf("eth0.50") is null);
        Assert.Equal(new VlanLink("eth0", 50), Link("eth0.50")!.Details);
        await UntilAsync(() => _reconciler.Statuses.Values.All(static s => s.IsDone));
    }

    [Fact]
    public async Task A_parent_that_is_down_is_a_reason_and_is_left_alone()
    {
        await BeginAsync();
        await CreateAsync("a", "eth0");
        _ = _kernel.ForeignChange(LinkState.KeyOf(NetNs.Host, "eth0"), static l => l with { IsUp = false });
        await UntilAsync(() => ReasonOf("eth0") == "link eth0 in host is down");
        await ConnectAsync("a");
        Assert.NotNull(Link("eth0", s_ns)); // made all the same
        Assert.False(Link("eth0")!.IsUp);
        _ = _kernel.ForeignChange(LinkState.KeyOf(NetNs.Host, "eth0"), static l => l with { IsUp = true });
        await UntilAsync(() => ReasonOf("eth0") is null);
    }

    public async ValueTask DisposeAsync()
    {
        await _reconciler.DisposeAsync();
        await _kernel.DisposeAsync();
    }

    private static LinkState Hardware(string name) => new() { Namespace = NetNs.Host, Name = name, Details = new ExistingLink(string.Empty), IsUp = true, MtuBytes = 1500 };

    private Task BeginAsync() => _reconciler.SetAsync(ScopeComposer.Changes(_state, ScopeComposer.Everything(_state)), observeFirst: true);

    private Task CreateAsync(string name, string parent) => CommitAsync(new CreateNetwork(
        new NetworkSpec { Name = name, Driver = "macvlan", Options = ImmutableSortedDictionary<string, string>.Empty.Add("parent", parent) },
        new HostFacts { Links = [.. Links().Select(static l => new HostLink(l.Name, l.Details is VlanLink ? "vlan" : string.Empty, l.Alias, 1500, null, []))] },
        [],
        _ids,
        DateTimeOffset.UnixEpoch));

    private async Task ConnectAsync(string network)
    {
        var sandbox = new SandboxRecord
        {
            Id = new SandboxId(_ids.NewId()),
            Name = "box",
            Owner = SandboxOwner.Path,
            Path = "/run/netns/box",
            Namespace = s_ns,
            BootId = "boot",
            Created = DateTimeOffset.UnixEpoch,
        };
        await CommitAsync(new Connect(network, new SandboxCandidate(sandbox, []), new EndpointSpec(), [], "boot", _ids, DateTimeOffset.UnixEpoch));
    }

    // Decides, hands over, and waits for what a request would wait for.
    private async Task CommitAsync<T>(IIntentCommand<T> command)
    {
        var decision = command.Decide(_state);
        Assert.True(decision.Refusal is null, decision.Refusal?.Problems[0].Message);
        _state = decision.Next!;
        await _reconciler.SetAsync(ScopeComposer.Changes(_state, decision.Touched));
        var scopes = new Committed<T>(decision.Result!, decision.Touched, _state.Revision).Scopes;
        await _reconciler.WaitAsync(scopes, _state.Revision, TestContext.Current.CancellationToken).WaitAsync(s_within, TestContext.Current.CancellationToken);
    }

    private IEnumerable<LinkState> Links(NetNs ns = default) => _kernel.PeekAll().Objects.OfType<LinkState>().Where(l => l.Namespace == ns);

    private LinkState? Link(string name, NetNs ns = default) => Links(ns).FirstOrDefault(l => l.Name == name);

    private string? ReasonOf(string parent) => _reconciler.Statuses.GetValueOrDefault(ScopeId.OfParent(parent))?.Reason;

    private async Task UntilAsync(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(
                clock.Elapsed < s_within,
                string.Join('\n', _reconciler.Statuses.Select(static s => $"{s.Key}: {s.Value.Condition} {s.Value.Reason}").Concat(Links().Select(static l => l.Describe()))));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}

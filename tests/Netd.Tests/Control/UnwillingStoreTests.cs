using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.Netd.Ipam;
using Networking.Netd.Watch;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Control;

/// <summary>The disk is full while nobody asks for anything: the daemon goes on, and makes up for it once it is not.</summary>
public sealed class UnwillingStoreTests : IAsyncDisposable
{
    private const string Boot = "boot-1";
    private static readonly AddressRules s_rules = new([], TimeSpan.FromSeconds(60));

    private readonly InMemoryStore _store = new();
    private readonly FakeNamespaces _namespaces = new();
    private readonly SeededIdSource _ids = new(new Random(3));
    private readonly FakeKernel _kernel = new();
    private readonly ManualTime _time = new();
    private readonly Reconciler _reconciler;

    public UnwillingStoreTests()
    {
        _reconciler = new Reconciler(
            _kernel, TimeProvider.System, new ReconcilerOptions { OwnerTag = "netd:0badcafe" }, new ReconcilerListener(new Netd.Events.EventLog(TimeProvider.System), NullLogger.Instance, TimeProvider.System));
        _reconciler.Start();
    }

    [Fact]
    public async Task What_was_lost_and_could_not_leave_the_store_at_the_start_leaves_it_with_the_next_change()
    {
        var kept = Sandbox("kept");
        var lost = Sandbox("lost");
        var node = new NodeRecord { InstanceId = "0badcafe", BootId = Boot };
        await _store.CommitAsync(new StoreChange { Node = node, Sandboxes = [kept, lost] }, Durability.Disk, TestContext.Current.CancellationToken);
        _namespaces.Lose(lost.Path);
        _store.Refuse = static _ => new StoreException("the disk is full");

        var loader = Loader();
        var state = await loader.LoadAsync(TestContext.Current.CancellationToken);
        Assert.Equal([kept.Id], state.Sandboxes.Keys);
        Assert.Equal("the disk is full", loader.Owed!.Value.Reason);

        await using var actor = new IntentActor(state, _store, _reconciler, owed: loader.Owed!.Value.Change);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => CreateAsync(actor, "new"));
        Assert.Equal(503, refused.Refusal.HttpStatus);
        Assert.Equal(2, _store.Content.Sandboxes.Length);

        _store.Refuse = null;
        await CreateAsync(actor, "new");
        Assert.Equal(["kept", "new"], _store.Content.Sandboxes.Select(static s => s.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_first_start_that_cannot_store_who_it_is_does_not_go_on()
    {
        _store.Refuse = static _ => new StoreException("the disk is full");
        _ = await Assert.ThrowsAsync<StoreException>(() => Loader().LoadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_the_store_cannot_take_is_tried_again_until_it_can()
    {
        var tries = 0;
        var done = UntilTaken.RunAsync(WorkAsync, "something", _time, NullLogger.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(1, tries);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, tries);
        Assert.False(done.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await done;
        Assert.Equal(3, tries);

        Task WorkAsync() => ++tries < 3 ? throw Refused(503) : Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_refused_for_another_reason_is_not_tried_again() =>
        _ = await Assert.ThrowsAsync<RefusedException>(
            () => UntilTaken.RunAsync(static () => throw Refused(409), "something", _time, NullLogger.Instance, TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        await _reconciler.DisposeAsync();
        await _kernel.DisposeAsync();
    }

    private static RefusedException Refused(int httpStatus) => new(Refusal.Of(httpStatus, "store.failed", null, "the disk is full"));

    private Task CreateAsync(IntentActor actor, string name) => actor.SubmitAsync(new CreateSandbox(Sandbox(name)), TestContext.Current.CancellationToken);

    private StateLoader Loader() => new(_store, _namespaces, _ids, Boot, s_rules, _time.GetUtcNow());

    private SandboxRecord Sandbox(string name) => new()
    {
        Id = new SandboxId(_ids.NewId()),
        Name = name,
        Owner = SandboxOwner.Daemon,
        Path = $"/run/netd/netns/{name}",
        Namespace = _namespaces.Add($"/run/netd/netns/{name}"),
        BootId = Boot,
        OriginalSysctls = ImmutableSortedDictionary<string, string>.Empty,
        Created = DateTimeOffset.UnixEpoch,
    };
}

using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Tests.Control;

/// <summary>Requests whose client hangs up, or beside which another takes the same things away, while the disk is slow.</summary>
public sealed class HangUpTests
{
    private const string Path = "/run/netns/x";

    [Fact]
    public async Task What_is_committed_after_the_client_has_hung_up_is_told_by_events()
    {
        await using var lab = new ControllerLab();
        await lab.CreateAsync("app");
        _ = lab.Namespace(Path);
        _ = await lab.ConnectAsync("app", Path);
        using var disk = new SlowDisk(lab);
        var beside = Task.Run(() => lab.CreateAsync("beside"), ControllerLab.Cancel);
        disk.WaitUntilAsked();

        using var client = new CancellationTokenSource();
        var removal = lab.RemoveAsync("app", client.Token);
        await client.CancelAsync();
        disk.GoOn();
        await beside;
        _ = await Record.ExceptionAsync(() => removal); // the client is gone, and so may be its answer
        Assert.Empty(lab.State.Endpoints);
        var types = await lab.TypesAsync();
        Assert.Contains("network.removed", types);
        Assert.Contains("endpoint.removed", types);
    }

    [Fact]
    public async Task A_sandbox_that_is_connected_and_taken_away_in_one_commit_is_forgotten()
    {
        await using var lab = new ControllerLab();
        await lab.CreateAsync("app");
        var ns = lab.Namespace(Path);
        var (asked, opening) = (new TaskCompletionSource(), new TaskCompletionSource());
        lab.Namespaces.Opened = opened =>
        {
            _ = asked.TrySetResult();
            return opening.Task;
        };
        var connect = Task.Run(() => lab.ConnectAsync("app", Path), ControllerLab.Cancel);
        await asked.Task;
        using var disk = new SlowDisk(lab);
        var beside = Task.Run(() => lab.CreateAsync("beside"), ControllerLab.Cancel);
        disk.WaitUntilAsked();

        // Away from the test's own context each goes on here until it waits for the disk, one behind the other.
        Task<ChangeDocument>? removal = null;
        await Task.Run(
            () =>
            {
                opening.SetResult();
                removal = lab.RemoveAsync("app", ControllerLab.Cancel);
            },
            ControllerLab.Cancel);
        disk.GoOn();
        await beside;
        _ = await connect;
        _ = await removal!; // begun above
        Assert.Empty(lab.State.Endpoints);
        Assert.Empty(lab.State.Sandboxes);
        Assert.False(lab.Namespaces.IsAlive(ns));
    }

    [Fact]
    public async Task Pruning_that_the_disk_ends_tells_what_was_removed_before()
    {
        await using var lab = new ControllerLab();
        await lab.CreateAsync("one");
        await lab.CreateAsync("two");
        lab.Store.Refuse = change => change.RemovedNetworks.Contains(lab.State.NetworkNames["two"]) ? new StoreException("the disk is full") : null;
        var refused = await Assert.ThrowsAsync<RefusedException>(lab.PruneAsync);
        Assert.Equal(503, refused.Refusal.HttpStatus);
        Assert.Equal("the disk is full (network two; removed before it: one)", refused.Refusal.Problems[0].Message);
    }

    /// <summary>The next commit waits, in the thread that asks for it, until it may go on.</summary>
    private sealed class SlowDisk : IDisposable
    {
        private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
        private readonly ManualResetEventSlim _isAsked = new();
        private readonly ManualResetEventSlim _mayGoOn = new();

        public SlowDisk(ControllerLab lab) => lab.Store.Refuse = _ =>
        {
            _isAsked.Set();
            Assert.True(_mayGoOn.Wait(s_patience, ControllerLab.Cancel));
            return null;
        };

        public void WaitUntilAsked() => Assert.True(_isAsked.Wait(s_patience, ControllerLab.Cancel));

        public void GoOn() => _mayGoOn.Set();

        public void Dispose()
        {
            _isAsked.Dispose();
            _mayGoOn.Dispose();
        }
    }
}

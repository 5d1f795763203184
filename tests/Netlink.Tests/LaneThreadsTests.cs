using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink.Tests;

/// <summary>Whose turn it is, and in which thread.</summary>
public sealed class LaneThreadsTests
{
    private const int Links = 1000;

    private static readonly NetNs s_sandbox = new(7);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lane_without_end_keeps_no_other_from_its_turn()
    {
        using var lanes = new LaneThreads("test", count: 1);
        using var mayGoOn = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = 0;
        var chain = ChainAsync();
        await begun.Task;
        var other = lanes.RunAsync(s_sandbox, Lane.Route, () => Volatile.Read(ref done), Token);
        mayGoOn.Set();

        Assert.InRange(await other, 1, 10);
        await chain;
        Assert.Equal(Links, done);

        // Every piece of work brings about the next one of its own lane, as a lane's queue does.
        async Task ChainAsync()
        {
            while (done < Links)
            {
                _ = await lanes.RunAsync(NetNs.Host, Lane.Route, Step, CancellationToken.None, continuesInLane: true);
            }

            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lane, whose end is awaited
        }

        bool Step()
        {
            _ = begun.TrySetResult();
            mayGoOn.Wait(Token);
            return ++done > 0;
        }
    }

    [Fact]
    public async Task What_work_brings_about_for_an_idle_lane_is_done_by_the_same_thread()
    {
        using var lanes = new LaneThreads("test", count: 4);
        for (var i = 0; i < 100; i++)
        {
            using var isAwaited = new ManualResetEventSlim();
            var pair = PairAsync(lanes, isAwaited);
            isAwaited.Set();
            var (first, second) = await pair;
            Assert.Equal(first, second);
        }

        static async Task<(int First, int Second)> PairAsync(LaneThreads lanes, ManualResetEventSlim isAwaited)
        {
            var first = await lanes.RunAsync(NetNs.Host, Lane.Route, () => Wait(isAwaited), CancellationToken.None, continuesInLane: true);
            var second = await lanes.RunAsync(s_sandbox, Lane.Route, static () => Environment.CurrentManagedThreadId, Token);
            return (first, second);
        }

        static int Wait(ManualResetEventSlim isAwaited)
        {
            isAwaited.Wait(Token);
            return Environment.CurrentManagedThreadId;
        }
    }

    [Fact]
    public async Task One_lane_is_in_order_and_several_are_beside_each_other()
    {
        using var lanes = new LaneThreads("test", count: 2);
        using var meet = new Barrier(2);
        var order = new List<int>();
        var works = Enumerable.Range(0, 50).Select(i => lanes.RunAsync(NetNs.Host, Lane.Route, () => Note(i), Token)).ToArray();
        var one = lanes.RunAsync(NetNs.Host, Lane.Sysctl, () => meet.SignalAndWait(TimeSpan.FromSeconds(20)), Token);
        var two = lanes.RunAsync(s_sandbox, Lane.Sysctl, () => meet.SignalAndWait(TimeSpan.FromSeconds(20)), Token);

        Assert.True(await one && await two);
        _ = await Task.WhenAll(works);
        Assert.Equal(Enumerable.Range(0, 50), order);

        bool Note(int number)
        {
            order.Add(number);
            return true;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_result_that_must_be_taken_comes_though_the_caller_has_gone_meanwhile(bool resultMustBeTaken)
    {
        using var lanes = new LaneThreads("test", count: 1);
        using var caller = new CancellationTokenSource();
        using var mayGoOn = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var result = lanes.RunAsync(s_sandbox, Lane.Sysctl, Work, caller.Token, resultMustBeTaken: resultMustBeTaken);
        var next = lanes.RunAsync(s_sandbox, Lane.Sysctl, static () => 2, caller.Token, resultMustBeTaken: resultMustBeTaken);
        await begun.Task;
        await caller.CancelAsync();
        mayGoOn.Set();

        if (resultMustBeTaken)
        {
            Assert.Equal(1, await result);
        }
        else
        {
            _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => result);
        }

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next); // it had not begun

        int Work()
        {
            begun.SetResult();
            mayGoOn.Wait(Token);
            return 1;
        }
    }
}

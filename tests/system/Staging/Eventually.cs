using System.Diagnostics;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Waits for conditions with a deadline, and says what was seen last when it passes.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(25);

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<TimeSpan> TrueAsync(TimeSpan deadline, Func<bool> condition, Func<string> state) =>
        TrueAsync(deadline, () => Task.FromResult(condition()), () => Task.FromResult(state()));

    /// <summary>Polls until true; returns how long it took.</summary>
    public static async Task<TimeSpan> TrueAsync(TimeSpan deadline, Func<Task<bool>> condition, Func<Task<string>> state)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > deadline)
            {
                Assert.Fail($"not so after {deadline.TotalSeconds} s:\n{await state()}");
            }

            await Task.Delay(s_pause, Cancel);
        }

        return clock.Elapsed;
    }

    /// <summary>Polls a program's output.</summary>
    public static async Task<TimeSpan> OutputAsync(TimeSpan deadline, Func<Task<Output>> run, Func<Output, bool> isWanted)
    {
        var last = await run();
        return await TrueAsync(
            deadline,
            async () => isWanted(last) || isWanted(last = await run()),
            () => Task.FromResult(last.ToString()));
    }
}

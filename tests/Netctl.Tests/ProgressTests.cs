using Networking.Netctl.Output;

namespace Networking.Netctl.Tests;

/// <summary>The progress line.</summary>
public sealed class ProgressTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    [Fact]
    public async Task A_short_wait_shows_nothing()
    {
        using var writer = new StringWriter();
        Assert.Equal(7, await Progress.ShowAsync(Task.FromResult(7), "waiting", writer, TimeProvider.System, Never));
        Assert.Equal(string.Empty, writer.ToString());
    }

    [Fact]
    public async Task A_long_wait_shows_a_line_and_takes_it_away()
    {
        var work = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var writer = new Watched(() => work.TrySetResult(7));
        Assert.Equal(7, await Progress.ShowAsync(work.Task, "creating network web", writer, TimeProvider.System, Soon));
        Assert.StartsWith("\r\e[Kcreating network web … 0 s (Ctrl-C stops waiting)", writer.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\r\e[K", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_takes_the_line_away_too()
    {
        var work = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var writer = new Watched(() => work.TrySetException(new InvalidOperationException("gone")));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Progress.ShowAsync(work.Task, "waiting", writer, TimeProvider.System, Soon));
        Assert.EndsWith("\r\e[K", writer.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Lets the work end once something was shown, so that the test waits for no clock.</summary>
    private sealed class Watched(Action onFlush) : StringWriter
    {
        public override Task FlushAsync()
        {
            onFlush();
            return Task.CompletedTask;
        }
    }
}

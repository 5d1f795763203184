namespace Networking.Daemon.Tests.Staging;

/// <summary>Tests that share one stage: each has networks, subnets and sandboxes of its own on it.</summary>
public abstract class SharedStageTests(SharedStage shared) : IClassFixture<SharedStage>, IAsyncLifetime
{
    private protected Stage Stage => shared.Stage;

    private protected SharedStage Shared => shared;

    public async ValueTask InitializeAsync()
    {
        await shared.OpenAsync();
        await PrepareAsync();
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether no test of the class changes anything on the stage: then the last snapshot is the next "before".</summary>
    protected virtual bool OnlyRefuses => false;

    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Asks for something, and asserts that nothing was changed by it.</summary>
    private protected async Task<Answer> UnchangedAsync(Func<Task<Answer>> ask)
    {
        var before = (OnlyRefuses ? Shared.Snapshot : null) ?? await Stage.SnapshotAsync();
        var answer = await ask();
        Shared.Snapshot = await Stage.SnapshotAsync();
        Assert.Equal(before, Shared.Snapshot);
        return answer;
    }
}

/// <summary>A stage that is opened by the first test of a class and struck after its last.</summary>
public sealed class SharedStage : IAsyncDisposable
{
    private Stage? _stage;

    /// <summary>The latest snapshot, as long as nothing was changed since: the next "before".</summary>
    internal string? Snapshot { get; set; }

    internal Stage Stage => _stage ?? throw new InvalidOperationException("the stage was not opened");

    internal async Task OpenAsync() => _stage ??= await Stage.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }
    }
}

namespace Networking.Kernel;

/// <summary>Somebody who waits for several scopes, each of which settles once. The loop's alone, but for the task.</summary>
/// <param name="scopes">How many.</param>
/// <param name="continuesInLoop">Whether what follows may run in the thread that answers.</param>
internal sealed class ScopeWait(int scopes, bool continuesInLoop) : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource _done = new(
        continuesInLoop ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    private int _left = scopes;

    /// <summary>Ends when it was answered.</summary>
    public Task Task => _done.Task;

    /// <summary>Whether all of them have settled.</summary>
    public bool IsSettled => _left == 0;

    /// <summary>One of them has.</summary>
    public void Settle() => _left--;

    /// <summary>Tells who waits; what follows runs in this thread if it may.</summary>
    public void Answer() => _done.SetResult();

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Answer();
}

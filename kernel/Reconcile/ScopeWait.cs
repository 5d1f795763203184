namespace Networking.Kernel;

/// <summary>Somebody who waits for several scopes, each of which settles once. The loop's alone, but for the task.</summary>
internal sealed class ScopeWait
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;

    public ScopeWait(int scopes)
    {
        _left = scopes;
        if (scopes == 0)
        {
            _done.SetResult();
        }
    }

    /// <summary>Ends when all of them have settled.</summary>
    public Task Task => _done.Task;

    /// <summary>One of them has.</summary>
    public void Settle()
    {
        if (--_left == 0)
        {
            _done.SetResult();
        }
    }
}

using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// A change on its way. Cancelling it works until the store's thread takes it up, never after: it is then either
/// committed or refused, and its caller learns which.
/// <code>
/// waiting ──TryStart──► started ──Complete──► done
///    └──────TryCancel──► cancelled   └──Fail──► refused
/// </code>
/// </summary>
internal sealed class PendingCommit(ImmutableArray<RowWrite> rows, Durability durability)
{
    private const int Waiting = 0;
    private const int Started = 1;
    private const int Cancelled = 2;

    private readonly TaskCompletionSource<int> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stage = Waiting;

    public ImmutableArray<RowWrite> Rows { get; } = rows;

    public Durability Durability { get; } = durability;

    /// <summary>The number of rows changed, once it is committed.</summary>
    public Task<int> Outcome => _outcome.Task;

    public bool TryStart() => Interlocked.CompareExchange(ref _stage, Started, Waiting) == Waiting;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _stage, Cancelled, Waiting) == Waiting)
        {
            _ = _outcome.TrySetCanceled(cancellationToken);
        }
    }

    public void Complete(int rowsChanged) => _outcome.TrySetResult(rowsChanged);

    public void Fail(StoreException why) => _outcome.TrySetException(why);
}

using System.Collections.Immutable;

namespace Networking.Kernel;

/// <summary>Who waits for scopes, and how they are told.</summary>
public sealed partial class Reconciler
{
    private readonly List<ScopeWait> _answers = []; // who has nothing left to wait for

    private void AddWaiter(ScopeId scope, long revision, ScopeWait wait)
    {
        if (!_scopes.TryGetValue(scope, out var entry) || IsSettled(entry, revision))
        {
            Settle(wait);
            return;
        }

        entry.Waiters.Add((revision, wait));
    }

    // A scope may be pending for months, and requests about it come and go.
    private void GiveUp(ImmutableArray<ScopeId> scopes, ScopeWait wait)
    {
        foreach (var scope in scopes)
        {
            _ = _scopes.GetValueOrDefault(scope)?.Waiters.RemoveAll(w => w.Wait == wait);
        }

        if (!wait.IsSettled)
        {
            wait.Answer(); // nobody listens, but what would have told them is let go
        }
    }

    private static bool IsSettled(ScopeEntry entry, long revision) =>
        entry.Revision >= revision && !entry.IsApplying
        && entry.Status.Condition is ScopeCondition.Done or ScopeCondition.Error && !entry.IsDirty;

    private void CompleteWaiters(ScopeEntry entry, long revision)
    {
        foreach (var (wanted, wait) in entry.Waiters)
        {
            if (wanted <= revision)
            {
                Settle(wait);
            }
        }

        _ = entry.Waiters.RemoveAll(w => w.Revision <= revision);
    }

    private void Settle(ScopeWait wait)
    {
        wait.Settle();
        if (wait.IsSettled)
        {
            _answers.Add(wait);
        }
    }

    // At the end of a pass, when all else is on its way. A lone caller goes on in this thread: any other would have to be woken
    // first. Of several each gets a thread of the pool, for none shall wait until the one before has written its answer.
    private void Answer()
    {
        if (_answers.Count == 1 && _ready.Count == 0 && _inbox.Reader.Count == 0)
        {
            _answers[0].Answer();
        }
        else
        {
            _answers.ForEach(static a => ThreadPool.UnsafeQueueUserWorkItem(a, preferLocal: false));
        }

        _answers.Clear();
    }
}

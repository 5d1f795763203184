using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// One lane of one namespace: while a send is under way, groups of operations gather; then all of them travel in the next
/// one. In the firewall lane a send is all or nothing, so when a folded one is refused its groups go again one by one.
/// </summary>
internal sealed class LaneQueue(IKernel kernel, LaneId id)
{
    // A send is one batch of netlink messages; this many operations fit its buffer with room to spare.
    private const int OperationsMax = 4096;

    private readonly Lock _gate = new(); // guards _waiting, _isBusy
    private Queue<Group> _waiting = new();
    private bool _isBusy;

    /// <summary>Applies that have sent or will send through this lane; it may be forgotten when there are none. The loop's alone.</summary>
    public int Users { get; set; }

    /// <summary>Does the operations with whatever else waits in this lane; results in their order.</summary>
    public Task<ImmutableArray<OperationResult>> EnqueueAsync(ImmutableArray<KernelOperation> operations)
    {
        var group = new Group(operations);
        lock (_gate)
        {
            _waiting.Enqueue(group);
            if (_isBusy)
            {
                return group.Completion.Task;
            }

            _isBusy = true;
        }

        _ = DrainAsync(); // never throws: every outcome goes to the groups' completions
        return group.Completion.Task;
    }

    private async Task DrainAsync()
    {
        var groups = new List<Group>();
        while (TakeWaiting(groups))
        {
            await SendAsync(groups).ConfigureAwait(false);
        }
    }

    private bool TakeWaiting(List<Group> groups)
    {
        groups.Clear();
        lock (_gate)
        {
            var count = 0;
            while (_waiting.TryPeek(out var next) && (groups.Count == 0 || count + next.Operations.Length <= OperationsMax))
            {
                groups.Add(_waiting.Dequeue());
                count += next.Operations.Length;
            }

            _isBusy = groups.Count > 0;
            if (!_isBusy && _waiting.Count == 0)
            {
                _waiting = new Queue<Group>(); // gives back what a burst has grown
            }

            return _isBusy;
        }
    }

    private async Task SendAsync(List<Group> groups)
    {
        var results = await TrySendAsync(groups).ConfigureAwait(false);
        if (id.Lane == Lane.Firewall && groups.Count > 1 && results.Any(static r => !r.IsDone))
        {
            foreach (var group in groups)
            {
                group.Completion.SetResult(await TrySendAsync([group]).ConfigureAwait(false));
            }

            return;
        }

        var next = 0;
        foreach (var group in groups)
        {
            group.Completion.SetResult(results.Slice(next, group.Operations.Length));
            next += group.Operations.Length;
        }
    }

    private async Task<ImmutableArray<OperationResult>> TrySendAsync(List<Group> groups)
    {
        var operations = groups.Count == 1 ? groups[0].Operations : [.. groups.SelectMany(static g => g.Operations)];
        try
        {
            var results = await kernel.ApplyAsync(new KernelBatch(id.Namespace, id.Lane, operations), CancellationToken.None).ConfigureAwait(false);
            Invariant.Check(results.Length == operations.Length, $"{results.Length} results for {operations.Length} operations");
            return results;
        }
        catch (Exception e) // the port promises results; whatever breaks that promise must still reach the scopes' status
        {
            var error = new KernelError(5, "EIO", $"apply {operations.Length} operations in {id.Namespace}", e.Message, IsTransient: true);
            return [.. operations.Select(_ => new OperationResult(error))];
        }
    }

    private sealed class Group(ImmutableArray<KernelOperation> operations)
    {
        public ImmutableArray<KernelOperation> Operations { get; } = operations;

        /// <summary>What follows runs in the lane's thread: it hands on to the next lane or to the loop, and blocks nowhere.</summary>
        public TaskCompletionSource<ImmutableArray<OperationResult>> Completion { get; } = new();
    }
}

/// <summary>Names a lane.</summary>
internal readonly record struct LaneId(NetNs Namespace, Lane Lane);

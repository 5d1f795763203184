using System.Threading.Channels;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Events;

namespace Networking.Netd.Control;

/// <summary>Logs and publishes what the reconciler tells, and queues what the controller has to do about it.</summary>
internal sealed class ReconcilerListener : IReconcilerListener, IDisposable
{
    private const int GoneMax = 65_536;

    private readonly Channel<SettledScope> _settled = Channel.CreateBounded<SettledScope>(
        new BoundedChannelOptions(GoneMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    // One is enough: whoever reads it looks at everything.
    private readonly Channel<bool> _foreign = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly EventLog _events;
    private readonly ILogger _logger;
    private readonly DriftDigest _digest;
    private long _drifts;
    private long _refusals;

    public ReconcilerListener(EventLog events, ILogger logger, TimeProvider time)
    {
        (_events, _logger) = (events, logger);
        _digest = new DriftDigest(TellDrift, time);
    }

    /// <summary>Whether somebody has something to do when a scope is as asked. Returns at once.</summary>
    public Predicate<ScopeId> IsAwaited { get; init; } = static _ => false;

    /// <summary>Scopes that are gone; the node's each time it is as asked, and others' if that is awaited.</summary>
    public ChannelReader<SettledScope> Settled => _settled.Reader;

    /// <summary>A word each time forward chains of others may have changed.</summary>
    public ChannelReader<bool> ForeignChanges => _foreign.Reader;

    /// <summary>Objects found not as we left them, since start.</summary>
    public long Drifts => Interlocked.Read(ref _drifts);

    /// <summary>Refusals of the kernel that were not mended at once, since start.</summary>
    public long Refusals => Interlocked.Read(ref _refusals);

    public void ScopeChanged(ScopeId scope, ScopeStatus? status)
    {
        if (status is null || (status.IsDone && (scope == ScopeId.Node || IsAwaited(scope))))
        {
            _ = _settled.Writer.TryWrite(new SettledScope(scope, status?.Revision ?? long.MaxValue));
        }

        if (status is { Condition: ScopeCondition.Error })
        {
            _ = Interlocked.Increment(ref _refusals);
            Log.ScopeRefused(_logger, scope.Value, status.Reason, status.NextTry);
            _events.Add("scope.error", scope.Value, null, $"{scope} is not as asked: {status.Reason}");
        }
    }

    public void DriftFound(ScopeId scope, string what)
    {
        _ = Interlocked.Increment(ref _drifts);
        _digest.Add(scope, what);
    }

    public void ForeignFirewallChanged(NetNs ns) => _ = _foreign.Writer.TryWrite(true);

    public void TransitionFailed(Transition transition, KernelError error) =>
        Log.TransitionFailed(_logger, transition.ToString()!, error.ToString()); // records describe themselves

    public void Dispose() => _digest.Dispose();

    private void TellDrift(ScopeId scope, string what)
    {
        Log.Drift(_logger, scope.Value, what);
        _events.Add("drift.found", scope.Value, null, what);
    }
}

/// <summary>A scope that is as asked, or gone.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Revision">The intent that it has reached; of one that is gone, any there will ever be.</param>
internal readonly record struct SettledScope(ScopeId Scope, long Revision);

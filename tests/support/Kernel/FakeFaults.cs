using Networking.Kernel;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>What happens to an operation that a fault strikes.</summary>
public enum FaultKind
{
    /// <summary>Refused with an errno that may pass; nothing is done.</summary>
    Transient,

    /// <summary>Refused with an errno that stays; nothing is done.</summary>
    Permanent,

    /// <summary>Done, but its acknowledgement is lost: reported as an error that may pass.</summary>
    AckLost,

    /// <summary>Done, but reported as an error that stays.</summary>
    AckLostPermanently,
}

/// <summary>The faults planned for a fake kernel, each once, by number counted from 1. Set before the run.</summary>
public sealed class FakeFaults
{
    private readonly Lock _gate = new(); // guards the four below
    private readonly Dictionary<int, FaultKind> _operations = [];
    private readonly HashSet<int> _dumps = [];
    private readonly Dictionary<int, bool> _events = [];
    private readonly Dictionary<NetNs, int> _unreadable = []; // with the dumps that are still to fail

    /// <summary>Strikes the n-th operation.</summary>
    public void StrikeOperation(int number, FaultKind kind)
    {
        lock (_gate)
        {
            _operations[number] = kind;
        }
    }

    /// <summary>The n-th dump is interrupted.</summary>
    public void FailDump(int number)
    {
        lock (_gate)
        {
            _ = _dumps.Add(number);
        }
    }

    /// <summary>The next dumps of a namespace are interrupted; without a number all are, until <see cref="Clear"/>.</summary>
    public void FailDumpsOf(NetNs ns, int times = int.MaxValue)
    {
        lock (_gate)
        {
            _unreadable[ns] = times;
        }
    }

    /// <summary>The n-th event does not arrive; unless silent, the reader is told that events were lost, as by ENOBUFS.</summary>
    public void LoseEvent(int number, bool isSilent)
    {
        lock (_gate)
        {
            _events[number] = isSilent;
        }
    }

    /// <summary>Forgets what was planned and has not struck.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _operations.Clear();
            _dumps.Clear();
            _events.Clear();
            _unreadable.Clear();
        }
    }

    internal FaultKind? TakeOperation(int number)
    {
        lock (_gate)
        {
            return _operations.Remove(number, out var kind) ? kind : null;
        }
    }

    internal bool TakeDump(int number, NetNs ns)
    {
        lock (_gate)
        {
            var left = _unreadable.GetValueOrDefault(ns);
            if (left > 0)
            {
                _unreadable[ns] = left - 1;
            }

            return _dumps.Remove(number) || left > 0;
        }
    }

    internal bool? TakeEvent(int number)
    {
        lock (_gate)
        {
            return _events.Remove(number, out var isSilent) ? isSilent : null;
        }
    }

    internal static KernelError ErrorOf(FaultKind kind, string operation) => kind is FaultKind.Transient or FaultKind.AckLost
        ? new KernelError(16, "EBUSY", operation, "planned fault", IsTransient: true)
        : new KernelError(95, "EOPNOTSUPP", operation, "planned fault");
}

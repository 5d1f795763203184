namespace Networking.Simulation.Tests.Engine;

/// <summary>What is to happen, by time, then by the order in which it was asked for. Time moves only when nothing is due.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (TimeSpan Due, long Order)> _events = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _order;

    public TimeSpan Now { get; private set; }

    public void At(TimeSpan due, Action action)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("Work escaped to another thread: nothing is repeatable any more.");
        }

        _events.Enqueue(action, (due > Now ? due : Now, _order++));
    }

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Runs what is due until a moment.</summary>
    public void RunTo(TimeSpan until)
    {
        while (_events.TryPeek(out var action, out var priority) && priority.Due <= until)
        {
            _ = _events.Dequeue();
            Now = priority.Due;
            action();
        }

        Now = until;
    }
}

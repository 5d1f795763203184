using System.Collections.Immutable;

namespace Networking.Kernel;

/// <content>Which lane an operation goes to. A lane is kept while somebody uses it, and for a while after.</content>
public sealed partial class Reconciler
{
    private const int LanesMax = 1024;

    private readonly Dictionary<LaneId, LaneQueue> _lanes = [];

    private void AddStage(
        List<(LaneQueue Lane, ImmutableArray<KernelOperation> Operations)> stages, LaneId? id, ImmutableArray<KernelOperation>.Builder? stage)
    {
        if (id is { } lane && stage is not null)
        {
            var queue = LaneOf(lane);
            queue.Users++;
            stages.Add((queue, stage.ToImmutable()));
        }
    }

    private LaneQueue LaneOf(LaneId id)
    {
        if (_lanes.TryGetValue(id, out var lane))
        {
            return lane;
        }

        if (_lanes.Count >= LanesMax)
        {
            foreach (var (idle, _) in _lanes.Where(static l => l.Value.Users == 0).ToArray())
            {
                _ = _lanes.Remove(idle);
            }
        }

        lane = new LaneQueue(_kernel, id);
        _lanes.Add(id, lane);
        return lane;
    }
}

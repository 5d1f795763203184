using Networking.Gossip;

namespace Networking.Simulation.Tests.Checks;

/// <summary>
/// What cannot be promised after a disk was put back, and no more. Who starts from the disk of an earlier day does not know which versions
/// it wrote since. If nobody whom it asks does, it writes below them, and a reader who hears of them later is shown an older value.
/// <code>
///   first start writes 1 ──► kept by somebody out of reach            ──► reader: 1 after 2, excused
///   disk put back, next start writes 2 ──► reader   ...   is told of 1 ──► names the old disk, writes 2 above it
/// </code>
/// So the older value must be from before the owner's start, and the owner, unless it stops first, must name its old disk after it wrote the
/// newer: told before, it would have written above.
/// </summary>
internal sealed class OldDisks
{
    private readonly Dictionary<NodeId, Start> _starts = [];

    /// <summary>The number of the last value that anybody wrote; they count up.</summary>
    public long Written { get; set; }

    /// <summary>Older values that readers were shown after newer ones.</summary>
    public int ExcusedCount { get; private set; }

    public void Began(NodeId owner, bool isBehind) => _starts[owner] = new Start(isBehind, Written);

    public void Named(NodeId owner) => _starts[owner].NamedAt = Written;

    /// <summary>True if a reader may be shown an older value of an owner's row after a newer one.</summary>
    public bool Excuses(NodeId owner, long older, long newer)
    {
        if (_starts.GetValueOrDefault(owner) is not { IsBehind: true } start || older > start.Began)
        {
            return false;
        }

        ExcusedCount++;
        start.Owed = Math.Max(start.Owed, newer);
        return true;
    }

    /// <summary>Why an excuse was none; null if it was, or nothing was excused.</summary>
    public string? Owing(NodeId owner) => _starts.GetValueOrDefault(owner) is { } start && start.Owed > start.NamedAt
        ? $"is shown with older values after {start.Owed}, and does not name its old disk ({start.NamedAt} is the last it had written when it did)"
        : null;

    private sealed class Start(bool isBehind, long began)
    {
        public bool IsBehind { get; } = isBehind;

        public long Began { get; } = began;

        public long NamedAt { get; set; } = -1;

        public long Owed { get; set; } = -1;
    }
}

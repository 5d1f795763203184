using System.Runtime.CompilerServices;

namespace Networking.Gossip.Wire;

/// <summary>
/// Which counters of one sender's session were seen: the highest, and which of the 256 below it. A packet that is delayed by
/// more is dropped like one that was lost.
/// </summary>
internal sealed class ReplayWindow(ulong session) : INumbered
{
    public const int Width = 256;

    private Bits _seen;
    private uint _highest;
    private bool _isStarted;

    public ulong Session { get; } = session;

    ulong INumbered.Number => Session;

    /// <summary>When the session was last heard of, by the owner's count of packets.</summary>
    public long LastUse { get; set; }

    /// <summary>Takes a counter: false if it was taken before, or is too old to know.</summary>
    public bool Accept(uint counter)
    {
        if (!_isStarted || counter > _highest)
        {
            Advance(counter);
            return true;
        }

        if (_highest - counter >= Width)
        {
            return false;
        }

        var bit = 1UL << (int)(counter % 64);
        ref var word = ref _seen[(int)(counter % Width / 64)];
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    private void Advance(uint counter)
    {
        if (!_isStarted || counter - _highest >= Width)
        {
            _seen = default;
        }
        else
        {
            for (var passed = _highest + 1; passed != counter; passed++)
            {
                _seen[(int)(passed % Width / 64)] &= ~(1UL << (int)(passed % 64));
            }
        }

        _isStarted = true;
        _highest = counter;
        _seen[(int)(counter % Width / 64)] |= 1UL << (int)(counter % 64);
    }

    [InlineArray(Width / 64)]
    private struct Bits
    {
        private ulong _first;
    }
}

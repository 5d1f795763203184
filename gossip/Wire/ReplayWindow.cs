namespace Networking.Gossip.Wire;

/// <summary>
/// Which counters of one sender's session were seen: the highest, and which of the 256 below it. A packet that is delayed by
/// more is dropped like one that was lost.
/// </summary>
internal sealed class ReplayWindow
{
    public const int Width = 256;

    private readonly ulong[] _seen = new ulong[Width / 64];
    private uint _highest;
    private bool _isStarted;

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
        ref var word = ref _seen[counter % Width / 64];
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    private void Advance(uint counter)
    {
        if (!_isStarted || counter - _highest >= Width)
        {
            Array.Clear(_seen);
        }
        else
        {
            for (var passed = _highest + 1; passed != counter; passed++)
            {
                _seen[passed % Width / 64] &= ~(1UL << (int)(passed % 64));
            }
        }

        _isStarted = true;
        _highest = counter;
        _seen[counter % Width / 64] |= 1UL << (int)(counter % 64);
    }
}

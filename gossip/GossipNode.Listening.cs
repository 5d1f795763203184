namespace Networking.Gossip;

/// <summary>
/// A restarted node listens before it speaks. Others keep its rows meanwhile, so that nothing is missed; and what they know of its
/// earlier starts decides which versions are above all that it ever wrote. Its disk alone may be from another day.
/// <code>
///   start ── asked to join ──► listening ── all who were asked have answered, or time is up ──► speaking: wishes are done in order
/// </code>
/// </summary>
public sealed partial class GossipNode
{
    private const int DeferredMax = 16_384;
    private static readonly TimeSpan ListenMax = TimeSpan.FromSeconds(3);

    private readonly Queue<GossipInput> _deferred = new();
    private TimeSpan _listenUntil; // default: not listening

    private bool IsListening => _context.Now < _listenUntil;

    /// <summary>Begins with the first wish to join, for a node that resumes rows: others keep them until it settles.</summary>
    private void BeginListening()
    {
        if (!_isSettled && !_hasListened && !_seeds.IsEmpty && !_context.Has(PlantedBug.SpeaksBeforeListening))
        {
            _hasListened = true;
            _listenUntil = _context.Now + ListenMax;
        }
    }

    /// <summary>True if a wish waits until listening is over.</summary>
    private bool Defers(GossipInput input)
    {
        if (_listenUntil == default || input is GossipInput.Move)
        {
            return false;
        }

        if (!IsListening || input is GossipInput.Leave || _deferred.Count >= DeferredMax)
        {
            EndListening();
            return false;
        }

        _deferred.Enqueue(input);
        return true;
    }

    /// <summary>Over as soon as no comparison of ours is under way any more.</summary>
    private void ListenOn()
    {
        if (_listenUntil != default && (!IsListening || !_streams.Values.Any(static s => s.IsOurs && !s.IsProbe)))
        {
            EndListening();
        }
    }

    private void EndListening()
    {
        _listenUntil = default;
        while (_deferred.TryDequeue(out var input))
        {
            TakeWish(input);
        }
    }
}

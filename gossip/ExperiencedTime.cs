namespace Networking.Gossip;

/// <summary>
/// The time a node has lived through. A clock set back makes it stand still for a moment; a leap, or a node that was
/// stopped for an hour, adds two seconds: a node that did not listen must not judge others by their silence.
/// </summary>
internal sealed class ExperiencedTime
{
    private static readonly TimeSpan LateMax = TimeSpan.FromSeconds(2);

    private TimeSpan _outside;
    private bool _isStarted;

    public TimeSpan Now { get; private set; }

    /// <summary>Moves on: true if the outside moved in a way that time does not.</summary>
    /// <param name="outside">The caller's clock.</param>
    /// <param name="due">When this node wanted to be woken at the latest, in its own time.</param>
    public bool Advance(TimeSpan outside, TimeSpan due)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _outside = outside;
            return false;
        }

        var passed = outside - _outside;
        _outside = outside;
        var most = (due > Now ? due - Now : TimeSpan.Zero) + LateMax;
        var lived = passed < TimeSpan.Zero ? TimeSpan.Zero : passed > most ? most : passed;
        Now += lived;
        return lived != passed;
    }

    /// <summary>A moment of the node's own time by the caller's clock.</summary>
    public TimeSpan Outside(TimeSpan own) => _outside + (own - Now);
}

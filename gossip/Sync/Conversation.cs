using Networking.Gossip.Wire;

namespace Networking.Gossip.Sync;

/// <summary>A stream on which two nodes speak in turns.</summary>
internal sealed class Conversation(int stream, PeerAddress peer, bool isOurs, TimeSpan now)
{
    private List<Message> _turn = [];
    private int _bytes;

    public int Stream { get; } = stream;

    public PeerAddress Peer { get; } = peer;

    /// <summary>True if this node opened it, and is to close it.</summary>
    public bool IsOurs { get; } = isOurs;

    /// <summary>True if it only asks whether the other lives.</summary>
    public bool IsProbe { get; set; }

    public NodeId PeerId { get; set; }

    public TimeSpan LastHeard { get; private set; } = now;

    /// <summary>Turns of the other side that are over.</summary>
    public int Turns { get; private set; }

    public bool IsTurnOver { get; private set; }

    /// <summary>Takes a frame of the other's turn: false if it says more than it may.</summary>
    public bool Hear(List<Message> messages, int bytes, TimeSpan at)
    {
        LastHeard = at;
        _bytes += bytes;
        foreach (var message in messages)
        {
            if (IsTurnOver || _bytes > WireLimits.ConversationBytesMax)
            {
                return false;
            }

            IsTurnOver = message is EndOfTurnMessage;
            _turn.Add(message);
        }

        return true;
    }

    /// <summary>What was said in the turn that is over.</summary>
    public List<Message> TakeTurn()
    {
        var turn = _turn;
        turn.RemoveAt(turn.Count - 1);
        _turn = [];
        _bytes = 0;
        IsTurnOver = false;
        Turns++;
        return turn;
    }
}

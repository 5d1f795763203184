namespace Networking.Gossip.Membership;

/// <summary>
/// A doubt with a deadline: long while one node alone doubts, shorter with each other one that does, never shorter than
/// news needs to go round and be answered.
/// </summary>
internal sealed class Suspicion(TimeSpan since, TimeSpan least, TimeSpan most, int confirmationsMax, NodeId first)
{
    private readonly List<NodeId> _who = [first];

    public TimeSpan Deadline
    {
        get
        {
            var confirmations = _who.Count - 1;
            if (confirmationsMax <= 0 || confirmations >= confirmationsMax)
            {
                return since + least;
            }

            return since + most - ((most - least) * (Math.Log(confirmations + 1) / Math.Log(confirmationsMax + 1)));
        }
    }

    /// <summary>Another one doubts: true if that is new, and worth telling.</summary>
    public bool Confirm(NodeId who)
    {
        if (_who.Count > confirmationsMax || _who.Contains(who))
        {
            return false;
        }

        _who.Add(who);
        return true;
    }

    /// <summary>The least time: a factor times the logarithm of the members times the interval.</summary>
    public static TimeSpan Least(GossipOptions options, int members) =>
        options.ProbeInterval * (options.SuspicionFactor * Math.Max(1, Math.Log10(Math.Max(1, members))));
}

namespace Networking.Ipam.Ring;

/// <summary>A node's search for a donation to one pool: some donors a round, longer pauses after rounds in vain.</summary>
internal sealed class Hunger
{
    public long Nonce { get; set; }

    public OwnerId Donor { get; set; }

    public TimeSpan AskedAt { get; set; }

    public TimeSpan NotBefore { get; set; }

    /// <summary>Rounds in vain.</summary>
    public int Rounds { get; set; }

    public HashSet<OwnerId> Tried { get; } = [];

    public bool IsAsking => Nonce != 0;

    public void Reset()
    {
        Nonce = 0;
        Rounds = 0;
        NotBefore = TimeSpan.Zero;
        Tried.Clear();
    }
}

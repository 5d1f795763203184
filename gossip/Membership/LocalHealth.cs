namespace Networking.Gossip.Membership;

/// <summary>
/// How far this node trusts itself. One that hears little judges slowly: its missing answers say more about itself than
/// about the others (Lifeguard).
/// </summary>
internal sealed class LocalHealth(int factorMax)
{
    /// <summary>0 is well.</summary>
    public int Score { get; private set; }

    /// <summary>By how much probes are stretched.</summary>
    public int Factor => Score + 1;

    public void Add(int change) => Score = Math.Clamp(Score + change, 0, factorMax - 1);
}

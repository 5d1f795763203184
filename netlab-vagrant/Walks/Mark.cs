namespace Networking.Netlab.Walks;

/// <summary>Which packet is followed: the first one that matches, and no other.</summary>
/// <param name="Leg">What the packet is called on the page.</param>
/// <param name="Hook">Where it is first seen: prerouting, or output for what comes from where the walk is.</param>
/// <param name="Match">What it looks like there, in nft's words.</param>
internal sealed record Mark(string Leg, string Hook, string Match)
{
    /// <summary>A packet that comes from elsewhere.</summary>
    public static Mark Arrives(string leg, string match) => new(leg, "prerouting", match);

    /// <summary>A packet that begins its way where the walk is.</summary>
    public static Mark Starts(string leg, string match) => new(leg, "output", match);
}

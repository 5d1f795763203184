namespace Networking.Ipam;

/// <summary>What an address is to a pool. A closed union.</summary>
public abstract record AddressUse
{
    private AddressUse()
    {
    }

    /// <summary>Not of this pool.</summary>
    public sealed record Outside : AddressUse;

    /// <summary>Leased; to whom, the caller knows.</summary>
    public sealed record Leased : AddressUse;

    /// <summary>Never leased.</summary>
    /// <param name="Reason">What it is instead, such as <c>gateway</c>.</param>
    public sealed record Reserved(string Reason) : AddressUse;

    /// <summary>Released, and not chosen again before this moment while another is free; leased at once to who asks for it.</summary>
    public sealed record Resting(DateTimeOffset Until) : AddressUse;

    /// <summary>Nobody's.</summary>
    /// <param name="IsChosen">Whether it is ever given to somebody who asks for none: it is inside the range.</param>
    public sealed record Free(bool IsChosen) : AddressUse;
}

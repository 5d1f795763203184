namespace Networking.Ipam.Ring;

/// <summary>Somebody waits for an address, or a lease without right waits to be settled.</summary>
internal sealed class PendingLease
{
    public const int HopsMax = 6;

    public long Ticket { get; init; }

    /// <summary>The address asked for; null for any.</summary>
    public UInt128? Offset { get; init; }

    /// <summary>True for an address that is in use here, though its range is another's.</summary>
    public bool IsOrphan { get; init; }

    /// <summary>In lived time.</summary>
    public TimeSpan Deadline { get; init; }

    /// <summary>Of the question under way; 0 if there is none.</summary>
    public long Nonce { get; set; }

    public TimeSpan AskedAt { get; set; }

    /// <summary>Not asked again before.</summary>
    public TimeSpan NotBefore { get; set; }

    /// <summary>Who was wrong about the owner so far.</summary>
    public int Hops { get; set; }

    /// <summary>A commit of our own that opens it is queued.</summary>
    public bool IsOpening { get; set; }
}

namespace Networking.Ipam.Ring.Wire;

/// <summary>Every bound of the ring's wire format: what is larger is refused by a reader and never written.</summary>
public static class RingWireLimits
{
    /// <summary>The version that is written, and the only one there is to read.</summary>
    public const byte Version = 1;

    /// <summary>A pool's name.</summary>
    public const int PoolNameBytesMax = 64;

    /// <summary>Ranges of one node's record.</summary>
    public const int HoldingsMax = 1024;

    /// <summary>Records that one commit names.</summary>
    public const int ExpectedMax = 8;

    /// <summary>Records in one answer of the authority.</summary>
    public const int RecordsMax = 16_384;

    /// <summary>What one node says to another: with a record of a thousand ranges in it.</summary>
    public const int MessageBytesMax = 192 * 1024;

    /// <summary>A request to the authority: with as many such records as it may name.</summary>
    public const int RequestBytesMax = ExpectedMax * MessageBytesMax;

    /// <summary>An answer of the authority: all records of a cluster.</summary>
    public const int AnswerBytesMax = 64 * 1024 * 1024;
}

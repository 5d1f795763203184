namespace Networking.Gossip.Wire;

/// <summary>Why bytes from the network are dropped. Nothing else comes out of a decoder: a value, or one of these.</summary>
public enum WireRefusal
{
    /// <summary>They are not refused.</summary>
    None,

    /// <summary>Shorter than the shortest frame.</summary>
    Truncated,

    /// <summary>Longer than a frame may be, or says that it unpacks to more.</summary>
    Oversize,

    /// <summary>A version of the format that this build does not read.</summary>
    UnknownVersion,

    /// <summary>A kind of frame that does not come this way, or that does not exist.</summary>
    UnknownKind,

    /// <summary>Sealed with no key of the ring.</summary>
    UnknownKey,

    /// <summary>The seal does not fit the bytes: changed on the way, or forged.</summary>
    Forged,

    /// <summary>Seen before, or older than what is remembered of its sender.</summary>
    Replayed,

    /// <summary>Our own bytes came back.</summary>
    Reflected,

    /// <summary>Sealed rightly, but not as the format says: another build is wrong.</summary>
    Malformed,
}

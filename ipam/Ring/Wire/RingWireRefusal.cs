namespace Networking.Ipam.Ring.Wire;

/// <summary>Why bytes are dropped. Nothing else comes out of a decoder: a value, or one of these.</summary>
public enum RingWireRefusal
{
    /// <summary>They are not refused.</summary>
    None,

    /// <summary>Shorter than the shortest frame.</summary>
    Truncated,

    /// <summary>Longer than a frame of this sort may be.</summary>
    Oversize,

    /// <summary>A version of the format that this build does not read.</summary>
    UnknownVersion,

    /// <summary>A kind of frame that does not come this way, or that does not exist.</summary>
    UnknownKind,

    /// <summary>Not as the format says, or of what cannot be: another build is wrong.</summary>
    Malformed,
}

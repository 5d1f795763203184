namespace Networking.Gossip.Wire;

/// <summary>Every bound of the wire format: what is larger is refused on both sides.</summary>
public static class WireLimits
{
    /// <summary>The version that is written, and the only one there is to read.</summary>
    public const byte Version = 1;

    /// <summary>Bytes around the messages of a frame: version, kind, key tag, session, counter, sender, seal.</summary>
    public const int FrameOverheadBytes = FrameCodec.HeadLength + sizeof(ulong) + FrameCodec.SealLength;

    /// <summary>The smallest bound of a packet that can be set: the longest row still fits.</summary>
    public const int PacketBytesMin = 900;

    /// <summary>The largest packet that is accepted: a UDP datagram.</summary>
    public const int PacketBytesMax = 65_507;

    /// <summary>The largest frame of a stream.</summary>
    public const int StreamFrameBytesMax = 1024 * 1024;

    /// <summary>What a node says in one turn of a conversation, in as many frames as it takes.</summary>
    public const int ConversationBytesMax = 64 * 1024 * 1024;

    /// <summary>A table's name.</summary>
    public const int TableBytesMax = 32;

    /// <summary>A key.</summary>
    public const int KeyBytesMax = 128;

    /// <summary>A value.</summary>
    public const int ValueBytesMax = 512;

    /// <summary>Incarnations end here, so that the next one always exists.</summary>
    public const uint IncarnationMax = int.MaxValue;
}

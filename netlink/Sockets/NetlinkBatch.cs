namespace Networking.Netlink;

/// <summary>
/// Requests that travel together. Encoders write one message after another into one buffer; sequence numbers are given
/// when the batch is sent. Reused for ever, so that the hot path allocates nothing.
/// </summary>
internal sealed class NetlinkBatch
{
    private const int FirstBytes = 8 * 1024;
    private const int MessageBytesMax = 4 * 1024;

    private byte[] _buffer = new byte[FirstBytes];
    private NetlinkAck[] _acks = new NetlinkAck[32];
    private int _length;

    /// <summary>How many messages.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes, headers included.</summary>
    public Span<byte> Messages => _buffer.AsSpan(0, _length);

    /// <summary>One answer per message, in order; filled by the exchange.</summary>
    public Span<NetlinkAck> Acks => _acks.AsSpan(0, Count);

    /// <summary>A writer behind the last message, with room for one more.</summary>
    public NetlinkWriter Begin()
    {
        if (_buffer.Length - _length < MessageBytesMax)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        return new NetlinkWriter(_buffer.AsSpan(_length));
    }

    /// <summary>Takes over the one message that was written.</summary>
    /// <returns>Its number.</returns>
    public int Commit(in NetlinkWriter writer)
    {
        _length += writer.Position;
        if (Count == _acks.Length)
        {
            Array.Resize(ref _acks, Count * 2);
        }

        return Count++;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        // Texts of old refusals must not be kept alive.
        Acks.Clear();
        _length = 0;
        Count = 0;
    }
}

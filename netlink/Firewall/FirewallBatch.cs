using System.Buffers;
using System.Buffers.Binary;

namespace Networking.Netlink;

/// <summary>
/// One nf_tables transaction as bytes: BATCH_BEGIN, messages, BATCH_END, with the way back from a message's sequence
/// and a byte in it to the operation. Used again and again; its buffers are pooled, so filling it allocates nothing.
/// </summary>
public sealed class FirewallBatch : IDisposable
{
    // What a burst needed is given back; what one network needs is kept.
    private const int BytesKept = 1 << 20;

    private byte[] _bytes = [];
    private FirewallBatchPart[] _parts = [];
    private int _length;
    private int _partCount;
    private int _lastMessage;

    /// <summary>The whole datagram.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Messages between BATCH_BEGIN and BATCH_END.</summary>
    public int MessageCount { get; private set; }

    /// <summary>Sequence of BATCH_BEGIN; an error with it concerns the whole batch.</summary>
    public uint FirstSequence { get; private set; }

    /// <summary>
    /// Sequence of the last message: the only one that asks for an acknowledgement, so its answer is the last of all.
    /// </summary>
    public uint LastSequence => FirstSequence + (uint)MessageCount;

    /// <summary>Sequence of BATCH_END; the next batch begins behind it.</summary>
    public uint EndSequence => LastSequence + 1;

    /// <summary>True if messages of the DESTROY kind are in it.</summary>
    public bool HasDestroy { get; internal set; }

    /// <inheritdoc/>
    public void Dispose() => Release();

    /// <summary>Gives large buffers back to the pool.</summary>
    public void Trim()
    {
        if (_bytes.Length > BytesKept)
        {
            Release();
        }
    }

    internal NetlinkWriter Begin(int bytesMax, uint sequence)
    {
        const int EnvelopeBytes = 2 * (FirewallWire.MessageHeaderBytes + NetfilterHeader.Bytes);
        if (_bytes.Length < bytesMax + EnvelopeBytes)
        {
            ReturnBytes();
            _bytes = ArrayPool<byte>.Shared.Rent(bytesMax + EnvelopeBytes);
        }

        (_length, _partCount, MessageCount, FirstSequence, HasDestroy) = (0, 0, 0, sequence, false);
        var writer = new NetlinkWriter(_bytes);
        PutEnvelope(ref writer, FirewallWire.BatchBegin, sequence);
        return writer;
    }

    internal void End(ref NetlinkWriter writer)
    {
        if (MessageCount > 0)
        {
            // Set afterwards because only now it is known which message is the last.
            var flags = _bytes.AsSpan(_lastMessage + 6);
            BinaryPrimitives.WriteUInt16LittleEndian(
                flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | (ushort)NetlinkFlags.Ack));
        }

        PutEnvelope(ref writer, FirewallWire.BatchEnd, EndSequence);
        _length = writer.Position;
    }

    /// <summary>
    /// Begins a message of one operation; of none if its parts follow by <see cref="SwitchOperation"/>.
    /// </summary>
    internal WriterMark BeginMessage(
        ref NetlinkWriter writer,
        FirewallMessageType type,
        NetlinkFlags flags,
        int? operation,
        byte family = FirewallWire.FamilyInet)
    {
        MessageCount++;
        HasDestroy |= type >= FirewallMessageType.DestroyTable;
        _lastMessage = writer.Position;
        var mark = writer.BeginMessage(
            FirewallWire.TypeOf(type), NetlinkFlags.Request | flags, FirstSequence + (uint)MessageCount);
        writer.PutHeader(new NetfilterHeader(family, 0));
        if (operation is { } whole)
        {
            AddPart(0, whole);
        }

        return mark;
    }

    /// <summary>From this position in the batch on the current message is about this operation.</summary>
    internal void SwitchOperation(int position, int operation) => AddPart(position - _lastMessage, operation);

    /// <summary>
    /// The operations an error is about: the one at its offset, or all of its message if it has none or points before
    /// the first (the name of the table or set).
    /// </summary>
    internal ReadOnlySpan<FirewallBatchPart> Find(uint sequence, int? offset)
    {
        var message = (int)(sequence - FirstSequence);
        var parts = _parts.AsSpan(0, _partCount);
        var first = LowerBound(parts, new FirewallBatchPart(message, 0, 0));
        var next = LowerBound(parts, new FirewallBatchPart(message + 1, 0, 0));
        if (offset is not { } at || first == next || at < parts[first].Offset)
        {
            return parts[first..next];
        }

        var hit = first;
        while (hit + 1 < next && parts[hit + 1].Offset <= at)
        {
            hit++;
        }

        return parts.Slice(hit, 1);
    }

    private static int LowerBound(ReadOnlySpan<FirewallBatchPart> parts, FirewallBatchPart wanted)
    {
        var (low, high) = (0, parts.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = parts[middle].Message < wanted.Message ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static void PutEnvelope(ref NetlinkWriter writer, ushort type, uint sequence)
    {
        var mark = writer.BeginMessage(type, NetlinkFlags.Request, sequence);
        writer.PutHeader(new NetfilterHeader(FirewallWire.FamilyUnspecified, FirewallWire.Subsystem));
        writer.EndMessage(mark);
    }

    private void AddPart(int offset, int operation)
    {
        if (_partCount == _parts.Length)
        {
            var larger = ArrayPool<FirewallBatchPart>.Shared.Rent(Math.Max(16, 2 * _partCount));
            _parts.CopyTo(larger, 0);
            ReturnParts();
            _parts = larger;
        }

        _parts[_partCount++] = new FirewallBatchPart(MessageCount, offset, operation);
    }

    private void Release()
    {
        ReturnBytes();
        ReturnParts();
        (_bytes, _parts, _length, _partCount) = ([], [], 0, 0);
    }

    private void ReturnBytes()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
    }

    private void ReturnParts()
    {
        if (_parts.Length > 0)
        {
            ArrayPool<FirewallBatchPart>.Shared.Return(_parts);
        }
    }
}

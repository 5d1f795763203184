using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using Networking.Model.Wire;

namespace Networking.Gossip.Wire;

/// <summary>Which way a frame comes.</summary>
public enum FrameKind : byte
{
    /// <summary>A datagram.</summary>
    Packet = 1,

    /// <summary>A part of a conversation over a stream.</summary>
    Stream = 2,
}

/// <summary>An opened frame.</summary>
/// <param name="Refusal">Why there is none; <see cref="WireRefusal.None"/> if there is.</param>
/// <param name="Sender">Who sealed it.</param>
/// <param name="Session">Its sender's start, drawn at random.</param>
/// <param name="Body">The messages.</param>
public readonly record struct OpenedFrame(WireRefusal Refusal, NodeId Sender, ulong Session, ReadOnlyMemory<byte> Body);

/// <summary>
/// Seals messages into frames and opens them. Layout: decision 11.
/// <code>
///  0       1      2         4          12        16                          n-16
///  ┌───────┬──────┬─────────┬──────────┬─────────┬───────────────────────────┬──────┐
///  │version│ kind │ key tag │ session  │ counter │ sender (8), messages      │ seal │
///  └───────┴──────┴─────────┴──────────┴─────────┴───────────────────────────┴──────┘
///   authenticated            └ nonce ───────────┘ └ encrypted ──────────────┘
/// </code>
/// A nonce is never used twice: the session is drawn at random at each start, the counter counts within it.
/// </summary>
public sealed class FrameCodec
{
    internal const int HeadLength = 16;
    internal const int SealLength = 16;
    private const int NonceAt = 4;
    private const int SenderLength = 8;
    private const byte Compressed = 0x80;
    private const int CompressFrom = 512;
    private const int BrotliQuality = 1;
    private const int BrotliWindow = 18;

    private readonly NodeId _self;
    private readonly Func<ulong> _drawSession;
    private readonly SessionWindows _windows;
    private readonly WireWriter _plain = new(WireLimits.ConversationBytesMax);
    private ulong _session;
    private uint _counter;

    /// <summary>Creates the codec of one start of a node.</summary>
    /// <param name="self">The node.</param>
    /// <param name="keys">The ring.</param>
    /// <param name="drawSession">64 random bits that nobody can guess or repeat: at the start, and each 2^32 frames.</param>
    /// <param name="sessionsMax">How many senders are remembered; beyond, the one that was quiet longest is forgotten.</param>
    public FrameCodec(NodeId self, Keyring keys, Func<ulong> drawSession, int sessionsMax = 16_384)
    {
        ArgumentNullException.ThrowIfNull(drawSession);
        _self = self;
        Keys = keys;
        _drawSession = drawSession;
        _session = drawSession();
        _windows = new SessionWindows(sessionsMax);
    }

    /// <summary>The ring; another may be set at any time.</summary>
    public Keyring Keys { get; set; }

    /// <summary>Senders remembered.</summary>
    public int SessionCount => _windows.Count;

    internal bool AcceptsReplays { get; set; }

    internal Keyring? AlsoAccepted { get; set; }

    /// <summary>Seals messages.</summary>
    /// <param name="kind">Packets are never compressed: they are short, and one of a known length tells nothing of its contents.</param>
    /// <param name="messages">The messages.</param>
    public byte[] Seal(FrameKind kind, ReadOnlySpan<byte> messages)
    {
        if (_counter == uint.MaxValue)
        {
            _session = _drawSession();
            _counter = 0;
        }

        var key = Keys.Sealing;
        _plain.Clear();
        _plain.PutNode(_self);
        var flags = kind == FrameKind.Stream && messages.Length >= CompressFrom && PutCompressed(messages) ? Compressed : (byte)0;
        if (flags == 0)
        {
            _plain.PutBytes(messages);
        }

        var frame = new byte[HeadLength + _plain.Length + SealLength];
        frame[0] = WireLimits.Version;
        frame[1] = (byte)((byte)kind | flags);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(2), key.Tag);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(4), _session);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), _counter++);
        key.Cipher.Encrypt(
            frame.AsSpan(NonceAt, 12), _plain.Written, frame.AsSpan(HeadLength, _plain.Length), frame.AsSpan(frame.Length - SealLength), frame.AsSpan(0, NonceAt));
        return frame;
    }

    /// <summary>Opens a frame. Whatever the bytes, this ends, does not throw, and takes memory in proportion to their bound.</summary>
    /// <param name="kind">Which way it came.</param>
    /// <param name="frame">The bytes.</param>
    public OpenedFrame Open(FrameKind kind, ReadOnlySpan<byte> frame)
    {
        if (frame.Length < HeadLength + SenderLength + SealLength)
        {
            return Refused(WireRefusal.Truncated);
        }

        if (frame.Length > (kind == FrameKind.Packet ? WireLimits.PacketBytesMax : WireLimits.StreamFrameBytesMax))
        {
            return Refused(WireRefusal.Oversize);
        }

        if (frame[0] != WireLimits.Version)
        {
            return Refused(WireRefusal.UnknownVersion);
        }

        var isCompressed = kind == FrameKind.Stream && (frame[1] & Compressed) != 0;
        if (frame[1] != ((byte)kind | (isCompressed ? Compressed : 0)))
        {
            return Refused(WireRefusal.UnknownKind);
        }

        var tag = BinaryPrimitives.ReadUInt16LittleEndian(frame[2..]);
        if ((Keys.Find(tag) ?? AlsoAccepted?.Find(tag)) is not { } key)
        {
            return Refused(WireRefusal.UnknownKey);
        }

        var session = BinaryPrimitives.ReadUInt64LittleEndian(frame[4..]);
        if (session == _session)
        {
            return Refused(WireRefusal.Reflected);
        }

        var plain = new byte[frame.Length - HeadLength - SealLength];
        try
        {
            key.Cipher.Decrypt(frame.Slice(NonceAt, 12), frame[HeadLength..^SealLength], frame[^SealLength..], plain, frame[..NonceAt]);
        }
        catch (AuthenticationTagMismatchException)
        {
            return Refused(WireRefusal.Forged);
        }

        // Only an authentic frame moves the window, else a forger could shut out its sender.
        if (!_windows.Accept(session, BinaryPrimitives.ReadUInt32LittleEndian(frame[12..])) && !AcceptsReplays)
        {
            return Refused(WireRefusal.Replayed);
        }

        var sender = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(plain));
        if (sender.IsNone)
        {
            return Refused(WireRefusal.Malformed);
        }

        var body = plain.AsMemory(SenderLength);
        return isCompressed ? Unpacked(sender, session, body.Span) : new OpenedFrame(WireRefusal.None, sender, session, body);
    }

    private bool PutCompressed(ReadOnlySpan<byte> messages)
    {
        var packed = ArrayPool<byte>.Shared.Rent(messages.Length);
        try
        {
            // Worth it only from an eighth saved on; what does not fit is not worth it either.
            var budget = packed.AsSpan(0, messages.Length - (messages.Length / 8));
            if (!BrotliEncoder.TryCompress(messages, budget, out var length, BrotliQuality, BrotliWindow))
            {
                return false;
            }

            _plain.PutUInt32((uint)messages.Length);
            _plain.PutBytes(packed.AsSpan(0, length));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    private static OpenedFrame Unpacked(NodeId sender, ulong session, ReadOnlySpan<byte> body)
    {
        if (body.Length < sizeof(uint))
        {
            return Refused(WireRefusal.Malformed);
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(body);
        if (length > WireLimits.StreamFrameBytesMax)
        {
            return Refused(WireRefusal.Oversize);
        }

        var unpacked = new byte[length];
        return BrotliDecoder.TryDecompress(body[sizeof(uint)..], unpacked, out var written) && written == unpacked.Length
            ? new OpenedFrame(WireRefusal.None, sender, session, unpacked)
            : Refused(WireRefusal.Malformed);
    }

    private static OpenedFrame Refused(WireRefusal refusal) => new(refusal, default, 0, default);
}

using System.Runtime.CompilerServices;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Pinned memory into which many datagrams are received by one call, and out of which their answers are sent by another:
/// the system calls are most of what a small question costs.
/// </summary>
internal sealed unsafe class DatagramArea
{
    public const int Slots = 32;
    public const int SlotBytes = 4096;

    private const int Peek = 0x2; // MSG_PEEK
    private const int WholeLength = 0x20; // MSG_TRUNC: of a datagram that is cut, too
    private const int DoNotWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL

    private readonly byte[] _memory; // pinned for ever, so the pointers below stay true
    private readonly MultiMessage* _received;
    private readonly MultiMessage* _answers;
    private readonly BufferVector* _answerBuffers;
    private readonly byte* _names;
    private readonly byte* _data;
    private readonly byte* _replies;
    private readonly MultiMessage* _dropped; // without buffers: what is dropped has been read
    private int _answerCount;
    private int _peekedCount;

    public DatagramArea()
    {
        var headers = Slots * ((3 * sizeof(MultiMessage)) + (2 * sizeof(BufferVector)) + 32);
        _memory = GC.AllocateArray<byte>(headers + (2 * Slots * SlotBytes), pinned: true);
        _received = (MultiMessage*)Unsafe.AsPointer(ref _memory[0]);
        _answers = _received + Slots;
        _dropped = _answers + Slots;
        var buffers = (BufferVector*)(_dropped + Slots);
        _answerBuffers = buffers + Slots;
        _names = (byte*)(_answerBuffers + Slots);
        _data = _names + (Slots * 32);
        _replies = _data + (Slots * SlotBytes);
        for (var i = 0; i < Slots; i++)
        {
            buffers[i] = new BufferVector { Start = _data + (i * SlotBytes), Length = SlotBytes };
            _received[i].Message.Name = _names + (i * 32);
            _received[i].Message.Buffers = buffers + i;
            _received[i].Message.BufferCount = 1;
        }
    }

    /// <summary>
    /// Reads as many datagrams as are there and leaves them in the socket until they are dropped: should the process die with
    /// them in its hands, the next one reads them again, if the socket was kept for it.
    /// </summary>
    /// <returns>How many; zero if there are none, or the socket only had an error to tell.</returns>
    public int Receive(int socket)
    {
        _answerCount = 0;
        _peekedCount = Read(socket, Peek);

        // What others have looked at before is passed over by a second look (an empty one by its mark), and is still there.
        return _peekedCount > 0 ? _peekedCount : Read(socket, 0);
    }

    public ReadOnlySpan<byte> Datagram(int slot) => new(_data + (slot * SlotBytes), (int)Math.Min(_received[slot].Length, SlotBytes));

    public DatagramPeer Peer(int slot) =>
        new(new ReadOnlySpan<byte>(_names + (slot * 32), (int)Math.Min(_received[slot].Message.NameLength, SocketName.BytesMax)));

    /// <summary>Where the answer to a datagram is written.</summary>
    public Span<byte> Reply(int slot) => new(_replies + (slot * SlotBytes), SlotBytes);

    /// <summary>Puts the answer to a datagram with those that are sent.</summary>
    public void Answer(int slot, int length)
    {
        _answerBuffers[_answerCount] = new BufferVector { Start = _replies + (slot * SlotBytes), Length = (nuint)length };
        _answers[_answerCount].Message.Name = _names + (slot * 32);
        _answers[_answerCount].Message.NameLength = _received[slot].Message.NameLength;
        _answers[_answerCount].Message.Buffers = _answerBuffers + _answerCount;
        _answers[_answerCount].Message.BufferCount = 1;
        _answerCount++;
    }

    /// <summary>Sends the answers. One that the kernel does not take is lost, and the others go.</summary>
    public void Send(int socket)
    {
        var sent = 0;
        while (sent < _answerCount)
        {
            var count = Libc.sendmmsg(socket, _answers + sent, (uint)(_answerCount - sent), DoNotWait | NoSignal);
            sent += Math.Max(1, count); // refused is always the first
        }
    }

    /// <summary>Drops from the socket what was read.</summary>
    public void Drop(int socket)
    {
        const int errorsMax = 2; // one that the socket has to tell is told once
        for (var errors = 0; _peekedCount > 0 && errors < errorsMax;)
        {
            // By its whole length, by which the look's place goes back.
            var count = Libc.recvmmsg(socket, _dropped, (uint)_peekedCount, DoNotWait | WholeLength, null);
            _peekedCount -= Math.Max(0, count);
            errors = count > 0 ? 0 : errors + 1;
        }
    }

    private int Read(int socket, int flags)
    {
        for (var i = 0; i < Slots; i++)
        {
            _received[i].Message.NameLength = SocketName.BytesMax;
        }

        return Math.Max(0, Libc.recvmmsg(socket, _received, Slots, DoNotWait | WholeLength | flags, null));
    }
}

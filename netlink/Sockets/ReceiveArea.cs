using System.Runtime.CompilerServices;

namespace Networking.Netlink;

/// <summary>
/// Pinned memory into which many datagrams are received by one call. Acknowledgements come as one datagram each, so
/// reading them one by one would cost a system call per request.
/// </summary>
internal sealed unsafe class ReceiveArea
{
    private const int ControlBytes = 32;
    private const int AnswerSlots = 8;
    private const int AnswerBytes = 4096;
    private const int KeptSlotBytesMax = 64 * 1024;

    // One a thread, not one a socket: there is a socket for each namespace, and 33 KB for each would be new memory whenever one comes.
    [ThreadStatic]
    private static ReceiveArea? t_answers;

    private readonly byte[] _memory; // pinned for ever, so the pointers below stay true
    private readonly MultiMessage* _messages;
    private readonly byte* _data;

    public ReceiveArea(int slots, int slotBytes)
    {
        Slots = slots;
        SlotBytes = slotBytes;
        var headers = slots * (sizeof(MultiMessage) + sizeof(BufferVector) + sizeof(NetlinkAddress) + ControlBytes);
        headers = (headers + 7) & ~7;
        _memory = GC.AllocateArray<byte>(headers + (slots * slotBytes), pinned: true);
        var start = (byte*)Unsafe.AsPointer(ref _memory[0]);
        _messages = (MultiMessage*)start;
        var buffers = (BufferVector*)(_messages + slots);
        var control = (byte*)(buffers + slots);
        var addresses = (NetlinkAddress*)(control + (slots * ControlBytes));
        _data = start + headers;
        for (var i = 0; i < slots; i++)
        {
            buffers[i] = new BufferVector { Start = _data + (i * slotBytes), Length = (nuint)slotBytes };
            _messages[i].Message.Name = addresses + i;
            _messages[i].Message.Buffers = buffers + i;
            _messages[i].Message.BufferCount = 1;
            _messages[i].Message.Control = control + (i * ControlBytes);
        }
    }

    public int Slots { get; }

    public int SlotBytes { get; }

    /// <summary>An area for answers that is the caller's until it is given back, by the same thread.</summary>
    public static ReceiveArea Borrow()
    {
        var area = t_answers ?? new ReceiveArea(AnswerSlots, AnswerBytes);
        t_answers = null; // whoever exchanges while he reads an answer gets another
        return area;
    }

    /// <summary>Keeps an area that was borrowed, or one that has grown in its place, for the next exchange of this thread.</summary>
    public static void GiveBack(ReceiveArea area)
    {
        if (area.SlotBytes <= KeptSlotBytesMax)
        {
            t_answers = area;
        }
    }

    /// <summary>Waits for one datagram and takes as many as are there.</summary>
    /// <returns>How many, or a negative errno.</returns>
    public int Receive(int socket, int flags)
    {
        const int waitForOne = 0x10000; // MSG_WAITFORONE
        for (var i = 0; i < Slots; i++)
        {
            _messages[i].Message.NameLength = (uint)sizeof(NetlinkAddress);
            _messages[i].Message.ControlLength = ControlBytes;
            _messages[i].Message.Flags = 0;
        }

        int received;
        do
        {
            received = Libc.recvmmsg(socket, _messages, (uint)Slots, flags | waitForOne, null);
        }
        while (received < 0 && Errno.Last == Errno.Interrupted);
        return received < 0 ? -Errno.Last : received;
    }

    public ReadOnlySpan<byte> Datagram(int slot) => new(_data + (slot * SlotBytes), (int)Math.Min(_messages[slot].Length, (uint)SlotBytes));

    public bool IsTruncated(int slot) => (_messages[slot].Message.Flags & 0x20) != 0; // MSG_TRUNC

    /// <summary>True if the kernel sent it: processes may send to our port too.</summary>
    public bool IsFromKernel(int slot) => ((NetlinkAddress*)_messages[slot].Message.Name)->PortId == 0;

    /// <summary>The namespace id that came along (NETLINK_LISTEN_ALL_NSID); null for the socket's own namespace.</summary>
    public int? NamespaceId(int slot)
    {
        const int netlinkLevel = 270; // SOL_NETLINK
        const int listenAllNsid = 8; // NETLINK_LISTEN_ALL_NSID
        ref var message = ref _messages[slot].Message;
        var header = (ControlHeader*)message.Control;
        return message.ControlLength >= (nuint)sizeof(ControlHeader) + sizeof(int)
            && header->Level == netlinkLevel && header->Type == listenAllNsid
            ? *(int*)(header + 1)
            : null;
    }
}

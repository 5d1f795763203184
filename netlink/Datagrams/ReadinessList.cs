using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Which of many descriptors have something to read (epoll). Each is known by a number of the caller's, never used twice.</summary>
internal sealed unsafe class ReadinessList : IDisposable
{
    private const int Add = 1; // EPOLL_CTL_ADD
    private const int Delete = 2; // EPOLL_CTL_DEL
    private const uint Readable = 1; // EPOLLIN
    private const int EventsMax = 64;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventBytes - sizeof(ulong);

    private readonly FileDescriptor _epoll;
    private readonly byte[] _events = new byte[EventsMax * EventBytes];

    /// <exception cref="KernelException">No descriptor is left.</exception>
    public ReadinessList()
    {
        var fd = Libc.epoll_create1(SystemCalls.CloseOnExec);
        _epoll = fd >= 0 ? new FileDescriptor(fd) : throw SystemCalls.Refused(Errno.Last, "open an epoll descriptor");
    }

    /// <summary>Watches a descriptor.</summary>
    /// <exception cref="KernelException">The kernel has no memory for it.</exception>
    public void Watch(int fd, ulong number)
    {
        Span<byte> readiness = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(readiness, Readable);
        BinaryPrimitives.WriteUInt64LittleEndian(readiness[DataOffset..], number);
        fixed (byte* start = readiness)
        {
            if (Libc.epoll_ctl(_epoll.Number, Add, fd, start) != 0)
            {
                throw SystemCalls.Refused(Errno.Last, "watch a socket (EPOLL_CTL_ADD)");
            }
        }
    }

    /// <summary>Watches a descriptor no more. It must still be open.</summary>
    public void Forget(int fd) => _ = Libc.epoll_ctl(_epoll.Number, Delete, fd, null);

    /// <summary>Waits until some have something to read.</summary>
    /// <param name="ready">Takes their numbers, at least 64.</param>
    /// <returns>How many.</returns>
    public int Wait(Span<ulong> ready)
    {
        int count;
        fixed (byte* start = _events)
        {
            do
            {
                count = Libc.epoll_wait(_epoll.Number, start, EventsMax, -1);
            }
            while (count < 0 && Errno.Last == Errno.Interrupted);
        }

        for (var i = 0; i < count; i++)
        {
            ready[i] = BinaryPrimitives.ReadUInt64LittleEndian(_events.AsSpan((i * EventBytes) + DataOffset));
        }

        return count;
    }

    public void Dispose() => _epoll.Dispose();
}

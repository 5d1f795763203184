using System.Collections.Concurrent;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// One thread that takes the datagrams of any number of sockets in whatever namespaces, in batches, and sends the answers
/// that are ready at once.
/// </summary>
/// <remarks>
/// <code>
/// epoll ──► recvmmsg (32, peek) ──► receiver, 32 times ──► sendmmsg ──► recvmmsg (drop) ──► next socket
/// </code>
/// A socket gets one batch before the others have their turn. A datagram leaves its socket when its answer is out: a process
/// that dies takes none along from a socket that is kept for the next.
/// </remarks>
public sealed class DatagramLoop : IDisposable
{
    private const ulong StopNumber = 0;
    private const int ReadyMax = 64;

    private readonly ReadinessList _readiness = new();
    private readonly ConcurrentDictionary<ulong, LoopSocket> _sockets = [];
    private readonly FileDescriptor _stop;
    private readonly Thread _thread;
    private ulong _lastNumber = StopNumber;
    private int _isStopping;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="KernelException">No descriptor is left.</exception>
    public DatagramLoop()
    {
        var fd = Libc.eventfd(0, SystemCalls.CloseOnExec);
        _stop = fd >= 0 ? new FileDescriptor(fd) : throw SystemCalls.Refused(Errno.Last, "open an eventfd");
        _readiness.Watch(fd, StopNumber);
        _thread = new Thread(Run) { IsBackground = true, Name = "datagrams" };
        _thread.Start();
    }

    /// <summary>Sockets it serves now.</summary>
    public int SocketCount => _sockets.Count;

    /// <summary>Stops the thread. The sockets stay their owners'.</summary>
    public unsafe void Dispose()
    {
        if (Interlocked.Exchange(ref _isStopping, 1) != 0)
        {
            return;
        }

        ulong one = 1;
        _ = Libc.write(_stop.Number, &one, sizeof(ulong));
        _thread.Join();
        foreach (var socket in _sockets.Values)
        {
            socket.Dispose();
        }

        _readiness.Dispose();
        _stop.Dispose();
    }

    /// <summary>Serves a bound UDP socket, which is closed with what is returned.</summary>
    /// <exception cref="KernelException">The kernel has no memory to watch it.</exception>
    internal IDatagramSocket Add(FileDescriptor socket, IDatagramReceiver receiver)
    {
        ReadFromOldest(socket);
        var number = Interlocked.Increment(ref _lastNumber);
        var served = new LoopSocket(this, number, socket, receiver);
        _ = _sockets.TryAdd(number, served);
        try
        {
            _readiness.Watch(socket.Number, number);
        }
        catch
        {
            _ = _sockets.TryRemove(number, out _);
            throw;
        }

        return served;
    }

    // From then on each look goes on where the last one ended, and dropping moves that place back.
    private static unsafe void ReadFromOldest(FileDescriptor socket)
    {
        const int socketLevel = 1; // SOL_SOCKET
        const int peekOffset = 42; // SO_PEEK_OFF
        var start = 0;
        if (Libc.setsockopt(socket.Number, socketLevel, peekOffset, &start, sizeof(int)) != 0)
        {
            throw SystemCalls.Refused(Errno.Last, "read from a socket without taking (SO_PEEK_OFF)");
        }
    }

    private void Run()
    {
        var area = new DatagramArea();
        Span<ulong> ready = stackalloc ulong[ReadyMax];
        while (Volatile.Read(ref _isStopping) == 0)
        {
            var count = _readiness.Wait(ready);
            for (var i = 0; i < count; i++)
            {
                if (_sockets.TryGetValue(ready[i], out var socket))
                {
                    socket.Serve(area);
                }
            }
        }
    }

    private sealed class LoopSocket(DatagramLoop loop, ulong number, FileDescriptor socket, IDatagramReceiver receiver) : IDatagramSocket
    {
        public void Serve(DatagramArea area)
        {
            var isHeld = false;
            try
            {
                socket.DangerousAddRef(ref isHeld); // a number that is closed meanwhile may be another file's
                var count = area.Receive(socket.Number);
                for (var i = 0; i < count; i++)
                {
                    if (receiver.Receive(this, area.Datagram(i), area.Peer(i), area.Reply(i)) is var length and > 0)
                    {
                        area.Answer(i, length);
                    }
                }

                area.Send(socket.Number);
                area.Drop(socket.Number);
            }
            catch (ObjectDisposedException)
            {
                // Closed while its number was on the list.
            }
            finally
            {
                Release(isHeld);
            }
        }

        public unsafe bool TrySend(in DatagramPeer to, ReadOnlySpan<byte> datagram)
        {
            const int flags = 0x40 | 0x4000; // MSG_DONTWAIT, MSG_NOSIGNAL
            Span<byte> name = stackalloc byte[DatagramPeer.BytesMax];
            to.CopyTo(name);
            var isHeld = false;
            try
            {
                socket.DangerousAddRef(ref isHeld);
                fixed (byte* address = name, bytes = datagram)
                {
                    return Libc.sendto(socket.Number, bytes, (nuint)datagram.Length, flags, address, (uint)to.Length) >= 0;
                }
            }
            catch (ObjectDisposedException)
            {
                return false; // its sandbox is gone
            }
            finally
            {
                Release(isHeld);
            }
        }

        public void Dispose()
        {
            if (loop._sockets.TryRemove(number, out _))
            {
                loop._readiness.Forget(socket.Number);
                socket.Dispose();
            }
        }

        private void Release(bool isHeld)
        {
            if (isHeld)
            {
                socket.DangerousRelease();
            }
        }
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Networking.Netlink;

/// <summary>Which IPv4 addresses UDP sockets are bound to in the namespace that the thread is in, by /proc/net. Each file is read once.</summary>
internal sealed class BoundAddresses
{
    private const int CountsBytesMax = 4096;
    private const int BytesMax = 1 << 20; // 7,000 sockets; what is beyond is not looked at

    private byte[]? _sockets;
    private int _length;

    /// <summary>Whether a UDP socket is bound to just this address: a resolver has one.</summary>
    public bool Has(IPAddress address)
    {
        if (_sockets is null)
        {
            Load();
        }

        Span<byte> bytes = stackalloc byte[4];
        _ = address.TryWriteBytes(bytes, out _); // IPv4
        var sought = Encoding.ASCII.GetBytes($": {BinaryPrimitives.ReadUInt32LittleEndian(bytes):X8}:"); // "  12: 0B00007F:9F4C 00000000:0000 07"
        return _sockets.AsSpan(0, _length).IndexOf(sought) >= 0;
    }

    // In nearly every new namespace there is none; the list walks the table of the whole machine.
    private void Load()
    {
        _sockets = new byte[CountsBytesMax];
        if (_sockets.AsSpan(0, Read("/proc/thread-self/net/sockstat\0"u8, _sockets)).IndexOf("UDP: inuse 0 "u8) < 0)
        {
            _sockets = new byte[BytesMax];
            _length = Read("/proc/thread-self/net/udp\0"u8, _sockets);
        }
    }

    private static unsafe int Read(ReadOnlySpan<byte> path, Span<byte> content)
    {
        var fd = SystemCalls.TryOpen(path, SystemCalls.ReadOnly);
        if (fd < 0)
        {
            return 0; // a kernel without the protocol
        }

        var length = 0;
        fixed (byte* start = content)
        {
            nint read;
            while ((read = Libc.read(fd, start + length, (nuint)(content.Length - length))) > 0)
            {
                length += (int)read;
            }
        }

        _ = Libc.close(fd);
        return length;
    }
}

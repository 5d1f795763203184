using System.Buffers.Binary;
using System.Net;
using System.Text;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Which IPv4 addresses sockets are bound to in a namespace, by /proc/net of a thread inside.</summary>
internal static class BoundAddresses
{
    private const int CountsBytesMax = 4096;
    private const int BytesMax = 1 << 20; // 7,000 sockets; what is beyond is not looked at

    /// <summary>Whether a UDP socket is bound to just this address: a resolver has one.</summary>
    public static bool Has(NamespaceDirectory directory, NetNs ns, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        _ = address.TryWriteBytes(bytes, out _); // IPv4
        var sought = Encoding.ASCII.GetBytes($": {BinaryPrimitives.ReadUInt32LittleEndian(bytes):X8}:"); // "  12: 0B00007F:9F4C 00000000:0000 07"
        var few = new byte[CountsBytesMax];
        var length = 0;
        directory.RunInside(ns, () => length = Read("/proc/thread-self/net/sockstat\0"u8, few));
        if (few.AsSpan(0, length).IndexOf("UDP: inuse 0 "u8) >= 0)
        {
            return false; // as in nearly every new namespace; the list below walks the table of the whole machine
        }

        var content = new byte[BytesMax];
        directory.RunInside(ns, () => length = Read("/proc/thread-self/net/udp\0"u8, content));
        return content.AsSpan(0, length).IndexOf(sought) >= 0;
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

namespace Networking.Netlink;

/// <summary>Whole datagrams, for families whose batches are not answered message by message.</summary>
public sealed unsafe partial class NetlinkSocket
{
    /// <summary>Sends one datagram, growing the send buffer first if it would not fit.</summary>
    /// <returns>0 or a positive errno.</returns>
    internal int SendDatagram(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            CheckOpen();
            if (datagram.Length > BufferBytes / 2)
            {
                // The kernel charges more than the bytes themselves.
                var bytes = datagram.Length * 2;
                _ = Libc.setsockopt(_descriptor.Number, 1, 32, &bytes, sizeof(int)); // SO_SNDBUFFORCE
            }

            return Send(datagram, 1);
        }
    }

    /// <summary>Receives one datagram from the kernel; those of other senders are dropped unread.</summary>
    /// <returns>Its full length, more than the buffer holds if it was cut; or a negative errno.</returns>
    internal int ReceiveDatagram(Span<byte> buffer)
    {
        const int fullLength = 0x20 | 0x40; // MSG_TRUNC | MSG_DONTWAIT: the kernel answers before a send returns
        lock (_gate)
        {
            CheckOpen();
            fixed (byte* start = buffer)
            {
                while (true)
                {
                    var address = default(NetlinkAddress);
                    uint length = (uint)sizeof(NetlinkAddress);
                    var received = Libc.recvfrom(_descriptor.Number, start, (nuint)buffer.Length, fullLength, &address, &length);
                    if (received < 0 && Errno.Last == Errno.Interrupted)
                    {
                        continue;
                    }

                    if (received < 0)
                    {
                        return -Errno.Last;
                    }

                    if (address.PortId == 0)
                    {
                        Count(new NetlinkCounters(0, 0, 0, 1, received, 1));
                        return (int)received;
                    }
                }
            }
        }
    }
}

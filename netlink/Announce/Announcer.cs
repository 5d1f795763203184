using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Sends announcements through a packet socket that is opened inside the namespace and lives for this one use.</summary>
internal static unsafe class Announcer
{
    private const int PacketFamily = 17; // AF_PACKET
    private const int RawSocket = 3; // SOCK_RAW

    /// <summary>Announces each address once.</summary>
    /// <returns>The first refusal, or null.</returns>
    public static KernelError? Announce(NamespaceDirectory directory, AnnounceTransition announce)
    {
        var operation = $"announce addresses of {announce.Link}";
        try
        {
            using var lease = ((INamespaceHandles)directory).Rent(announce.Namespace);
            var link = LinkQuery.Identify(lease.Handle.Socket, announce.Link);
            if (!link.IsThere)
            {
                return SystemCalls.ErrorOf(Errno.NoDevice, operation, $"there is no interface {announce.Link}");
            }

            // Protocol zero: it sends, and nothing is ever queued for it.
            using var socket = directory.OpenRawSocket(announce.Namespace, PacketFamily, RawSocket, 0, operation);
            KernelError? first = null;
            foreach (var address in announce.Addresses)
            {
                var errno = Send(socket, link.Index, announce, address.Address, address.IsIpv6);
                first ??= errno == 0 ? null : SystemCalls.ErrorOf(errno, operation);
            }

            return first;
        }
        catch (KernelException exception) when (exception.Error is { } error)
        {
            return error;
        }
    }

    private static int Send(FileDescriptor socket, int linkIndex, AnnounceTransition announce, System.Net.IPAddress address, bool isIpv6)
    {
        Span<byte> frame = stackalloc byte[isIpv6 ? AnnouncementFrames.AdvertisementBytes : AnnouncementFrames.ArpBytes];
        if (isIpv6)
        {
            AnnouncementFrames.WriteAdvertisement(frame, announce.Mac, address);
        }
        else
        {
            AnnouncementFrames.WriteArp(frame, announce.Mac, address);
        }

        var destination = new PacketAddress { Family = PacketFamily, LinkIndex = linkIndex, AddressLength = 6 };
        fixed (byte* start = frame)
        {
            nint sent;
            do
            {
                sent = Libc.sendto(socket.Number, start, (nuint)frame.Length, 0, &destination, (uint)sizeof(PacketAddress));
            }
            while (sent < 0 && Errno.Last == Errno.Interrupted);
            return sent < 0 ? Errno.Last : 0;
        }
    }
}

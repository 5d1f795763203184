using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// A NETLINK_NETFILTER socket inside one namespace, as the firewall sees it: whole datagrams out, whole datagrams in. Used by
/// one caller at a time; it has joined no multicast group. NETLINK_EXT_ACK and NETLINK_CAP_ACK are set on it.
/// </summary>
public interface INetfilterChannel
{
    /// <summary>The port id (nl_pid) the kernel gave the socket; answers carry it.</summary>
    uint PortId { get; }

    /// <summary>Sends one datagram to the kernel, raising SO_SNDBUF first if it would not fit.</summary>
    /// <exception cref="KernelException">The socket refused it (EMSGSIZE, ENOBUFS, EPERM); nothing was done.</exception>
    void Send(ReadOnlySpan<byte> datagram);

    /// <summary>Receives one datagram that the kernel sent (nl_pid 0; others are dropped unread).</summary>
    /// <returns>Its full length (MSG_TRUNC): more than <paramref name="buffer"/> holds if it was cut.</returns>
    /// <exception cref="KernelException">
    /// ENOBUFS: answers were lost. EAGAIN: none came within the channel's own limit of time. Else: the socket is broken.
    /// </exception>
    int Receive(Span<byte> buffer);
}

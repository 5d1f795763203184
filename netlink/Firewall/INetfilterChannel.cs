using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// A NETLINK_NETFILTER socket inside one namespace, as the firewall sees it: whole datagrams out, whole datagrams in.
/// Used by one caller at a time; it has joined no multicast group. NETLINK_EXT_ACK and NETLINK_CAP_ACK are set on it.
/// </summary>
public interface INetfilterChannel
{
    /// <summary>The port id (nl_pid) the kernel gave the socket; answers carry it.</summary>
    uint PortId { get; }

    /// <summary>Sends one datagram to the kernel, raising SO_SNDBUF first if it would not fit.</summary>
    /// <exception cref="KernelException">The socket refused it (EMSGSIZE, ENOBUFS, EPERM); nothing was
    /// done.</exception>
    void Send(ReadOnlySpan<byte> datagram);

    /// <summary>
    /// Receives one datagram that the kernel sent (nl_pid 0; others are dropped unread), without waiting: the kernel works in
    /// the sender's time, so every answer is queued when <see cref="Send"/> returns, and the next part of a dump when one
    /// is taken. After a loss this is the only way to know that nothing more will come.
    /// </summary>
    /// <returns>Its full length (MSG_TRUNC): more than <paramref name="buffer"/> holds if it was cut.</returns>
    /// <exception cref="KernelException">
    /// EAGAIN: there is none. ENOBUFS: some were lost; those before the loss can still be received. Else: it is broken.
    /// </exception>
    int Receive(Span<byte> buffer);
}

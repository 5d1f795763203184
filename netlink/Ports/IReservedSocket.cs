using System.Net;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>A reservation as the forwarder uses it. Every one that <see cref="IHostPorts"/> of this room gives is one.</summary>
public interface IReservedSocket : IPortReservation
{
    /// <summary>
    /// The socket: bound, and listening unless it is UDP. It stays the reservation's: use it, and stop before that is disposed.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The port was given back.</exception>
    Socket Socket { get; }

    /// <summary>
    /// Sends one datagram from the port, without waiting, with the source address that its receiver knows us by: of a host with
    /// several, the kernel would choose one of its own liking. UDP alone.
    /// </summary>
    /// <param name="datagram">What to send.</param>
    /// <param name="source">An address of the host, of the claim's family.</param>
    /// <param name="client">To whom; a link-local one with its zone.</param>
    /// <returns>Null if it was sent; else why it is lost.</returns>
    /// <exception cref="ObjectDisposedException">The port was given back.</exception>
    KernelError? Reply(ReadOnlySpan<byte> datagram, IPAddress source, IPEndPoint client);
}

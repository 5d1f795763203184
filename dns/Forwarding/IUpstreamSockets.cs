using System.Net;

namespace Networking.Dns;

/// <summary>Ways to servers, out of one namespace.</summary>
public interface IUpstreamSockets
{
    /// <summary>A UDP socket of its own on a random port, that sends to one server and hears from it.</summary>
    /// <exception cref="IOException">There is no way to it, or no socket to be had.</exception>
    ValueTask<IUpstreamSocket> OpenUdpAsync(IPEndPoint server, CancellationToken cancellationToken);

    /// <summary>A connection to a server.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    Task<Stream> ConnectAsync(IPEndPoint server, CancellationToken cancellationToken);
}

/// <summary>A UDP socket for one question.</summary>
public interface IUpstreamSocket : IDisposable
{
    /// <summary>Sends to the server.</summary>
    /// <exception cref="IOException">It cannot be sent.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken);

    /// <summary>Takes the next datagram.</summary>
    /// <returns>Its length in bytes, and who sent it.</returns>
    /// <exception cref="IOException">The server's host says that nobody listens there.</exception>
    ValueTask<(int Bytes, IPEndPoint From)> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);
}

using System.Net;
using System.Net.Sockets;

namespace Networking.Dns;

/// <summary>Opens a socket in some namespace.</summary>
/// <exception cref="IOException">There is none to be had.</exception>
public delegate ValueTask<Socket> SocketOpener(AddressFamily family, SocketType type, CancellationToken cancellationToken);

/// <summary>Ways to servers out of one namespace.</summary>
/// <param name="open">Opens its sockets.</param>
public sealed class UpstreamSockets(SocketOpener open) : IUpstreamSockets
{
    /// <inheritdoc/>
    public async ValueTask<IUpstreamSocket> OpenUdpAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        Socket? socket = null;
        try
        {
            socket = await open(server.AddressFamily, SocketType.Dgram, cancellationToken);
            await socket.ConnectAsync(server, cancellationToken); // the kernel chooses a random port, and lets nobody else's datagrams in
            return new Connected(socket, server);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new IOException($"ask {server} by UDP: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> ConnectAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        Socket? socket = null;
        try
        {
            socket = await open(server.AddressFamily, SocketType.Stream, cancellationToken);
            socket.NoDelay = true;
            await socket.ConnectAsync(server, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new IOException($"ask {server} by TCP: {e.Message}", e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private sealed class Connected(Socket socket, IPEndPoint server) : IUpstreamSocket
    {
        public async ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken)
        {
            try
            {
                _ = await socket.SendAsync(datagram, SocketFlags.None, cancellationToken);
            }
            catch (SocketException e)
            {
                throw new IOException($"ask {server} by UDP: {e.Message}", e);
            }
        }

        public async ValueTask<(int Bytes, IPEndPoint From)> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            try
            {
                return (await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken), server);
            }
            catch (SocketException e)
            {
                throw new IOException($"ask {server} by UDP: {e.Message}", e);
            }
        }

        public void Dispose() => socket.Dispose();
    }
}

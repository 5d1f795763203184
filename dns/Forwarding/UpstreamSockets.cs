using System.Net;
using System.Net.Sockets;

namespace Networking.Dns;

/// <summary>Ways to servers out of the namespace in which this process lives.</summary>
public sealed class UpstreamSockets : IUpstreamSockets
{
    /// <inheritdoc/>
    public IUpstreamSocket OpenUdp(IPEndPoint server)
    {
        ArgumentNullException.ThrowIfNull(server);
        Socket? socket = null;
        try
        {
            socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(server); // the kernel chooses a random port, and lets nobody else's datagrams in
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
            socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
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

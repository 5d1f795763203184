using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>Runs hundreds of probes at once: each has a socket of its own in its namespace, and no process.</summary>
internal static class Prober
{
    private const int AtOnce = 600;
    private const byte EchoRequest4 = 8; // RFC 792
    private const byte EchoRequest6 = 128; // RFC 4443
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(0.5); // a datagram may be the one that a full queue lost

    /// <summary>
    /// For each probe the address that the far end saw, or null if nothing came back in time, whether in silence or with a
    /// refusal.
    /// </summary>
    public static async Task<string?[]> RunAsync(IReadOnlyList<Probe> probes, TimeSpan patience)
    {
        var results = new string?[probes.Count];
        foreach (var chunk in Enumerable.Range(0, probes.Count).Chunk(AtOnce))
        {
            var sockets = new Socket?[probes.Count];
            foreach (var place in chunk.GroupBy(i => probes[i].From.Path, StringComparer.Ordinal))
            {
                _ = NativeNamespace.Run(place.Key, () => place.Select(i => sockets[i] = probes[i].Open()).Count(static s => s is not null));
            }

            using var timer = CancellationTokenSource.CreateLinkedTokenSource(Eventually.Cancel);
            timer.CancelAfter(patience);
            await Task.WhenAll(chunk.Select(async i => results[i] = await RunAsync(probes[i], sockets[i]!, i, timer.Token))); // opened above
        }

        return results;
    }

    private static async Task<string?> RunAsync(Probe probe, Socket socket, int number, CancellationToken cancellation)
    {
        using (socket)
        {
            try
            {
                await socket.ConnectAsync(probe.To, cancellation);
                return probe.Transport switch
                {
                    Transport.Tcp => await ReadAsync(socket, cancellation),
                    Transport.Udp => await AskAsync(socket, cancellation),
                    _ => await EchoAsync(socket, (ushort)number, cancellation),
                };
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                Eventually.Cancel.ThrowIfCancellationRequested();
                return null;
            }
        }
    }

    private static async Task<string?> ReadAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[64];
        var length = 0;
        while (await socket.ReceiveAsync(buffer.AsMemory(length), cancellation) is var count and > 0)
        {
            length += count;
        }

        return length == 0 ? null : Encoding.ASCII.GetString(buffer, 0, length);
    }

    // The socket is connected: an answer from any other address than the one asked is not taken for one.
    private static async Task<string?> AskAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[64];
        var answer = socket.ReceiveAsync(buffer, cancellation).AsTask();
        do
        {
            _ = await socket.SendAsync("who am I"u8.ToArray(), cancellation);
        }
        while (await Task.WhenAny(answer, Task.Delay(s_again, cancellation)) != answer);
        return Encoding.ASCII.GetString(buffer, 0, await answer);
    }

    private static async Task<string?> EchoAsync(Socket socket, ushort number, CancellationToken cancellation)
    {
        var isIpv6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        var request = new byte[8]; // type, code, checksum, identifier, sequence
        request[0] = isIpv6 ? EchoRequest6 : EchoRequest4;
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(4), number);
        if (!isIpv6)
        {
            // RFC 1071, of two words; for IPv6 the kernel does it.
            var sum = (EchoRequest4 << 8) + number;
            BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), (ushort)~((sum & 0xffff) + (sum >> 16)));
        }

        _ = await socket.SendAsync(request, cancellation);
        var buffer = new byte[256];
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, cancellation);
            var start = isIpv6 ? 0 : (buffer[0] & 0xf) * 4; // IPv4 raw sockets get the IP header as well
            if (count >= start + 8 && IsReply(buffer.AsSpan(start), isIpv6, number))
            {
                return Probe.Echoed;
            }
        }
    }

    private static bool IsReply(ReadOnlySpan<byte> message, bool isIpv6, ushort number) =>
        message[0] == (isIpv6 ? EchoRequest6 + 1 : 0) && BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == number;
}

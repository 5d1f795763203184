using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Runtime.InteropServices;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>
/// SCTP is translated as TCP is, also where the kernel has no such sockets: the test writes the packets itself (RFC 9260).
/// </summary>
public sealed partial class SctpTests(SharedStage shared) : SharedStageTests(shared)
{
    private const int InitBytes = 32; // common header 12, INIT chunk 20

    [Theory]
    [InlineData("8179:80/sctp", 8179, 80)]
    [InlineData("8180-8189:8180-8189/sctp", 8185, 8185)]
    public async Task An_association_from_outside_is_led_to_the_target(string publish, int hostPort, int targetPort)
    {
        var network = $"sctp{targetPort}";
        _ = await Stage.NetworkAsync(network, targetPort == 80 ? "10.181.0.0/24" : "10.182.0.0/24");
        var (place, _) = await Stage.ContainerAsync(network, $"{network}-a", new ConnectRequest { Publish = [$"0.0.0.0:{publish}"], Expose = "world" });
        using var target = OpenRaw(place);
        using var client = OpenRaw(Stage.World);
        target.ReceiveTimeout = 200;
        var received = new byte[256];
        var seen = 0;
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(10),
            () =>
            {
                _ = client.SendTo(Init(sourcePort: 5_000, hostPort), new IPEndPoint(IPAddress.Parse(Stage.HostAddress4), 0));
                seen = Receive(target, received);
                return seen > 0;
            },
            () => "no INIT came through");

        var header = (received[0] & 0xf) * 4; // a raw IPv4 socket gives the IP header too
        var packet = received.AsSpan(header, seen - header);
        Assert.Equal((5_000, targetPort), (BinaryPrimitives.ReadUInt16BigEndian(packet), BinaryPrimitives.ReadUInt16BigEndian(packet[2..])));
        Assert.Equal(1, packet[12]); // INIT
        Assert.Equal(Checksum(packet), BinaryPrimitives.ReadUInt32LittleEndian(packet[8..]));
    }

    // The framework opens sockets of the protocols it knows only.
    private static Socket OpenRaw(Place place) => NativeNamespace.Run(place.Path, static () => OpenSocket(2 /* AF_INET */, 3 /* SOCK_RAW */, 132 /* IPPROTO_SCTP */) is >= 0 and var fd
        ? new Socket(new SafeSocketHandle(fd, ownsHandle: true))
        : throw new InvalidOperationException($"socket: errno {Marshal.GetLastPInvokeError()}"));

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    private static int Receive(Socket socket, byte[] buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut)
        {
            return 0;
        }
    }

    // RFC 9260 3.3.2: one INIT chunk; its own verification tag is zero.
    private static byte[] Init(int sourcePort, int destinationPort)
    {
        var packet = new byte[InitBytes];
        BinaryPrimitives.WriteUInt16BigEndian(packet, (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)destinationPort);
        packet[12] = 1; // INIT
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), 20); // length
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), 0x01020304); // initiate tag
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(20), 65_536); // receiver window, bytes
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 10); // outbound streams
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(26), 10); // inbound streams
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(28), 1); // initial TSN
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Checksum(packet));
        return packet;
    }

    // RFC 9260 appendix A: CRC32c over the packet with a checksum of zero.
    private static uint Checksum(ReadOnlySpan<byte> packet)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < packet.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, i is >= 8 and < 12 ? (byte)0 : packet[i]);
        }

        return ~crc;
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A name server out in the world, made of bytes: it says 203.0.113.7 to every question, and that nothing is below <c>test</c>.</summary>
internal sealed class WorldServer : IDisposable
{
    public const string Answer = "203.0.113.7";

    private const int HeaderBytes = 12;
    private readonly Socket _socket;
    private readonly List<(string Label, string From)> _asked = [];
    private readonly Lock _gate = new(); // guards _asked
    private readonly CancellationTokenSource _closing = new();

    public WorldServer(Place world, string address)
    {
        _socket = world.Socket(AddressFamily.InterNetwork, SocketType.Dgram);
        _socket.Bind(new IPEndPoint(IPAddress.Parse(address), 53));
        _ = RunAsync(); // ends when the socket is closed
    }

    /// <summary>The first label of every question, in lower case.</summary>
    public string[] Asked
    {
        get
        {
            lock (_gate)
            {
                return [.. _asked.Select(static a => a.Label)];
            }
        }
    }

    /// <summary>The addresses that questions came from, each once.</summary>
    public string[] Askers
    {
        get
        {
            lock (_gate)
            {
                return [.. _asked.Select(static a => a.From).Distinct()];
            }
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _socket.Dispose();
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        var buffer = new byte[4096];
        var anyone = new IPEndPoint(IPAddress.Any, 0);
        while (true)
        {
            var received = await _socket.ReceiveFromAsync(buffer, anyone, _closing.Token);
            var question = EndOfQuestion(buffer);
            lock (_gate)
            {
                _asked.Add((
                    System.Text.Encoding.ASCII.GetString(buffer, HeaderBytes + 1, buffer[HeaderBytes]).ToLowerInvariant(),
                    ((IPEndPoint)received.RemoteEndPoint).Address.ToString()));
            }

            var isUnknown = System.Text.Encoding.ASCII.GetString(buffer, 0, question).Contains("\u0004test", StringComparison.OrdinalIgnoreCase); // letters come mixed
            byte[] record = isUnknown ? [] : [0xc0, HeaderBytes, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. IPAddress.Parse(Answer).GetAddressBytes()];
            byte[] answer = [.. buffer[..question], .. record];
            answer[2] |= 0x80; // QR
            answer[3] = (byte)(isUnknown ? 0x83 : 0x80); // RA, and NXDOMAIN
            BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)(isUnknown ? 0 : 1));
            BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(10), 0); // speaks no EDNS
            _ = await _socket.SendToAsync(answer, received.RemoteEndPoint, _closing.Token);
        }
    }

    private static int EndOfQuestion(byte[] message)
    {
        var at = HeaderBytes;
        while (message[at] != 0)
        {
            at += message[at] + 1;
        }

        return at + 5;
    }
}

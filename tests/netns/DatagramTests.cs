using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>Datagrams that are answered where they came: none is lost or read twice, whatever its size, and none is taken before its answer is out.</summary>
public sealed class DatagramTests
{
    private const int Port = 61_500;

    [Fact]
    public async Task A_datagram_leaves_its_socket_when_its_answer_is_out()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        await using var world = NetlinkWorld.Open(Path.GetTempPath(), static _ => null);
        using var echo = new Echo();
        using var listener = await OpenAsync(world, echo);
        using var client = Client();
        var answer = new byte[16];
        foreach (var question in new[] { "one", "three", "eleven" })
        {
            echo.Hold();
            _ = await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(question), Lab.Cancel);
            await echo.WhenHeldAsync();

            Assert.NotEqual(0, Waiting()); // in its hands, and still in the socket: the process may die now
            echo.Release();

            Assert.Equal(question.Length, await client.ReceiveAsync(answer, Lab.Cancel));
            Assert.True(SpinWait.SpinUntil(static () => Waiting() == 0, TimeSpan.FromSeconds(10)), "it was answered, and is still there");
        }

        Assert.Equal(["3:one", "5:three", "6:eleven"], echo.All);
    }

    // A look without taking goes by bytes: what has none, and what is cut off at the buffer's end, must not move it astray.
    [Fact]
    public async Task Empty_overlong_and_many_datagrams_are_each_read_once_and_in_their_order()
    {
        const int slotBytes = 4096;
        const int many = 300;
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        await using var world = NetlinkWorld.Open(Path.GetTempPath(), static _ => null);
        using var echo = new Echo();
        using var listener = await OpenAsync(world, echo);
        using var client = Client();
        echo.Hold();
        int[] sizes = [1, 0, 0, 5_000, 3, slotBytes, 9_000, 0, 2, .. Enumerable.Range(0, many).Select(static i => (i * 37) % 700), 0];
        var sent = 0;
        foreach (var size in sizes)
        {
            var bytes = new byte[size];
            bytes.AsSpan().Fill((byte)('a' + (sent++ % 26)));
            _ = await client.SendAsync(bytes, Lab.Cancel);
        }

        echo.Release();

        Assert.True(SpinWait.SpinUntil(() => echo.All.Count >= sizes.Length && Waiting() == 0, TimeSpan.FromSeconds(10)), $"{echo.All.Count} of {sizes.Length}; {Waiting()} bytes wait");
        Assert.Equal(
            sizes.Select(static (s, i) => string.Create(CultureInfo.InvariantCulture, $"{Math.Min(s, slotBytes)}:{new string((char)('a' + (i % 26)), Math.Min(s, 8))}")),
            echo.All);
    }

    private static Task<NamespaceListener> OpenAsync(NetlinkWorld world, Echo echo) =>
        world.Listeners.OpenAsync(NetNs.Host, [IPAddress.Loopback], [Port], echo, Lab.Cancel);

    private static Socket Client()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Connect(IPAddress.Loopback, Port);
        return client;
    }

    // Bytes in the socket's queue, with the kernel's own for each.
    private static int Waiting() =>
        int.Parse(Lab.Run("ss", "-Hlun", "src", $"127.0.0.1:{Port}").Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private sealed class Echo : IDatagramReceiver, IDisposable
    {
        private readonly ManualResetEventSlim _gate = new(initialState: true);
        private readonly SemaphoreSlim _held = new(0);

        /// <summary>Length and first bytes of each.</summary>
        public ConcurrentQueue<string> All { get; } = [];

        /// <summary>The next datagram keeps the thread until it is released.</summary>
        public void Hold() => _gate.Reset();

        /// <summary>Completes when a datagram came that is held.</summary>
        public Task WhenHeldAsync() => _held.WaitAsync(Lab.Cancel);

        public void Release() => _gate.Set();

        public int Receive(IDatagramSocket socket, ReadOnlySpan<byte> datagram, in DatagramPeer from, Span<byte> reply)
        {
            if (!_gate.IsSet)
            {
                _ = _held.Release();
                _gate.Wait();
            }

            All.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{datagram.Length}:{System.Text.Encoding.ASCII.GetString(datagram[..Math.Min(8, datagram.Length)])}"));
            datagram.CopyTo(reply);
            return datagram.Length;
        }

        public void Dispose()
        {
            _gate.Set();
            _gate.Dispose();
            _held.Dispose();
        }
    }
}

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Networking.Gossip.Membership;
using Networking.Gossip.Shell;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tests;

/// <summary>Real sockets on loopback.</summary>
public sealed class ShellTests
{
    private static readonly RowKey Key = new("endpoint", "web");

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Shells_meet_see_each_others_rows_and_know_who_left_and_who_died(string address)
    {
        Assert.SkipUnless(HasAddress(address), $"needs {address}");
        await using var first = new Peer(address, 1);
        await using var second = new Peer(address, 2, first);
        await using var third = new Peer(address, 3, first);
        await first.Shell.DoAsync(new GossipInput.Put(Sample.Scope, Key, [1, 2, 3]));
        await Until(() => second.ValueOf(first), static v => v is [1, 2, 3]);
        await Until(() => third.ValueOf(first), static v => v is [1, 2, 3]);
        await Until(() => second.StatusOf(third), static s => s == MemberStatus.Alive);

        await third.Shell.LeaveAsync();
        await Until(() => second.StatusOf(third), static s => s == MemberStatus.Left);

        await first.DisposeAsync();
        await Until(() => second.StatusOf(first), static s => s == MemberStatus.Failed);
        Assert.Null(await second.ValueOf(first));
    }

    [Fact]
    public async Task A_restart_goes_on_above_what_its_disk_says_at_another_address()
    {
        await using var first = new Peer("127.0.0.1", 1);
        uint stored;
        await using (var early = new Peer("127.0.0.1", 2, first))
        {
            await early.Shell.DoAsync(new GossipInput.Put(Sample.Scope, Key, [1]));
            await Until(() => first.ValueOf(early), static v => v is [1]);
            stored = early.Stored;
        }

        await using var late = new Peer("127.0.0.1", 2, first) { IncarnationBefore = stored };
        await late.Shell.DoAsync(new GossipInput.Put(Sample.Scope, Key, [2]));
        await Until(() => first.ValueOf(late), static v => v is [2]);
        Assert.True(late.Stored > stored);
    }

    [Fact]
    public async Task What_is_no_frame_of_ours_is_counted_named_once_a_source_and_harms_nobody()
    {
        await using var first = new Peer("127.0.0.1", 1);
        await using var second = new Peer("127.0.0.1", 2, first);
        var codec = new FrameCodec(Sample.Other, Sample.Ring(7), static () => 99);
        var good = codec.Seal(FrameKind.Packet, []);
        var flipped = (byte[])[.. codec.Seal(FrameKind.Packet, [])];
        flipped[^1] ^= 1;
        byte[] foreign = new FrameCodec(Sample.Other, Sample.Ring(8), static () => 98).Seal(FrameKind.Packet, []);
        byte[] version = [.. codec.Seal(FrameKind.Packet, [])];
        version[0] = 77;
        byte[][] bad = [[], [1, 2, 3], good[..^5], flipped, foreign, version, new byte[60_000]];
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(first.Shell.Listen, Token);
        _ = await socket.SendAsync(good, Token);
        foreach (var bytes in (IEnumerable<byte[]>)[good, .. bad, .. bad])
        {
            _ = await socket.SendAsync(bytes, Token);
        }

        await Until(() => first.Ask(static n => n.CountOf(GossipTrouble.BadFrame)), count => count >= 1 + (2 * bad.Length));
        var named = first.Reports.Where(static r => r.Trouble == GossipTrouble.BadFrame).ToList();
        Assert.Equal(named.Count, named.Select(static r => r.Source).Distinct().Count());
        Assert.Contains(named, static r => r.Text.Contains("key that is not in the ring", StringComparison.Ordinal));
        Assert.Contains(named, static r => r.Text.Contains("another version", StringComparison.Ordinal));
        Assert.Contains(named, static r => r.Text.Contains("the seal does not fit", StringComparison.Ordinal));
        await first.Shell.DoAsync(new GossipInput.Put(Sample.Scope, Key, [5]));
        await Until(() => second.ValueOf(first), static v => v is [5]);
    }

    [Fact]
    public async Task A_stream_that_is_no_conversation_is_closed_and_hundreds_that_say_nothing_keep_nobody_out()
    {
        await using var first = new Peer("127.0.0.1", 1);
        using var oversize = await Connected(first);
        var head = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(head, uint.MaxValue);
        _ = await oversize.SendAsync(head, Token);
        Assert.Equal(0, await oversize.ReceiveAsync(head, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token));
        await Until(() => Task.FromResult(first.Reports.Any(static r => r.Text.Contains("4294967295 bytes", StringComparison.Ordinal))), static seen => seen);

        using var garbage = await Connected(first);
        _ = await garbage.SendAsync(new byte[] { 0, 0, 0, 60 }, Token);
        _ = await garbage.SendAsync(new byte[60], Token);
        Assert.Equal(0, await garbage.ReceiveAsync(head, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token));

        var silent = new List<Socket>();
        for (var i = 0; i < 300; i++)
        {
            silent.Add(await Connected(first));
        }

        Assert.True((await first.Ask(static n => n.Load)).Streams <= new GossipOptions().StreamsMax);
        await using var second = new Peer("127.0.0.1", 2, first);
        await Until(() => first.StatusOf(second), static s => s == MemberStatus.Alive);
        silent.ForEach(static s => s.Dispose());
    }

    [Fact]
    public async Task A_taken_port_is_refused_by_the_kernels_own_words()
    {
        await using var first = new Peer("127.0.0.1", 1);
        var refused = Assert.Throws<SocketException>(() => new Peer("127.0.0.1", 2) { Port = first.Shell.Listen.Port }.Shell);
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<Socket> Connected(Peer peer)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(peer.Shell.Listen, Token);
        return socket;
    }

    private static bool HasAddress(string address)
    {
        try
        {
            using var socket = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task Until<T>(Func<Task<T>> read, Func<T, bool> holds)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var value = await read();
        while (!holds(value))
        {
            Assert.False(deadline.IsCancellationRequested, $"still {value}");
            await Task.Delay(20, Token);
            value = await read();
        }
    }

    /// <summary>A shell that starts when it is first asked for.</summary>
    private sealed class Peer(string address, ulong id, Peer? seed = null) : IAsyncDisposable
    {
        private GossipShell? _shell;

        public ConcurrentQueue<GossipEffect.Report> Reports { get; } = [];

        public uint IncarnationBefore { get; init; }

        public int Port { get; init; }

        public uint Stored { get; private set; }

        public GossipShell Shell => _shell ??= Started();

        public Task<T> Ask<T>(Func<GossipNode, T> ask) => Shell.AskAsync(ask, TestContext.Current.CancellationToken);

        public Task<MemberStatus?> StatusOf(Peer other)
        {
            var who = other.Shell.Id;
            return Ask(n => n.StatusOf(who));
        }

        public async Task<byte[]?> ValueOf(Peer owner)
        {
            var who = owner.Shell.Id;
            var rows = await Ask(static n => n.Read(Sample.Scope));
            return rows.Rows.FirstOrDefault(r => r.Owner == who && r.Key == Key)?.Value.ToArray();
        }

        public async ValueTask DisposeAsync()
        {
            if (_shell is not null)
            {
                await _shell.DisposeAsync();
            }
        }

        private GossipShell Started()
        {
            var local = new IPEndPoint(IPAddress.Parse(address), Port);
            var shell = GossipShell.Start(new ShellSettings
            {
                Listen = local,
                Advertise = local,
                Identity = new NodeIdentity(new NodeId(id), IncarnationBefore, id + IncarnationBefore + 1, default, ResumesRows: IncarnationBefore > 0),
                Keys = Sample.Ring(7),
                Options = new GossipOptions { ProbeInterval = TimeSpan.FromMilliseconds(300), ProbeTimeout = TimeSpan.FromMilliseconds(150) },
                Random = new Random((int)id),
                DrawSession = static () => (ulong)Random.Shared.NextInt64(),
                StoreIncarnation = incarnation => Stored = incarnation,
                Tell = effect =>
                {
                    if (effect is GossipEffect.Report report)
                    {
                        Reports.Enqueue(report);
                    }
                },
            });
            if (seed is not null)
            {
                Do(new GossipInput.Join([PeerAddress.From(seed.Shell.Listen)]));
            }

            Do(new GossipInput.Attach(Sample.Scope));
            Do(new GossipInput.Settle());
            return shell;

            void Do(GossipInput wish) => Assert.True(shell.DoAsync(wish).AsTask().IsCompletedSuccessfully, "the inbox of a new shell is full");
        }
    }
}

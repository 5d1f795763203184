using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Networking.Gossip.Membership;

namespace Networking.Gossip.Shell;

/// <summary>
/// Runs a <see cref="GossipNode"/> with real sockets and a real clock: one loop takes what happened, one thing after the other, and
/// does what the node wants done. It decides nothing.
/// <code>
///   UDP, TCP, timer, wishes ──► inbox, bounded ──► GossipNode.Step ──► effects ──► UDP, TCP, disk, Tell
/// </code>
/// A datagram that finds the inbox full is dropped and counted, like one lost on the way; everything else waits for its place.
/// </summary>
public sealed class GossipShell : IAsyncDisposable
{
    private const int InboxMax = 4096;
    private const int DatagramBytesMax = 65_536;
    private const int AddressesMax = 32_768;
    private const int ReceiveErrorsMax = 100;
    private const int PacketBytesMost = 8_952; // of a path of jumbo frames; more only makes a loss costlier
    private const int PathsAsked = 16;
    private static readonly TimeSpan PathInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeaveMax = TimeSpan.FromSeconds(5);

    private readonly ShellSettings _settings;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ShellSockets _sockets;
    private readonly GossipNode _node;
    private readonly StreamHub _streams;
    private readonly Channel<Item> _inbox;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _departed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<GossipEffect> _effects = [];
    private readonly Dictionary<PeerAddress, SocketAddress> _addresses = [];
    private readonly Task[] _tasks;
    private TimeSpan _pathsAt;
    private int _packetBytes;
    private int _isTickWaiting;
    private int _isDisposed;

    private GossipShell(ShellSettings settings, ShellSockets sockets)
    {
        _settings = settings;
        _time = settings.Time;
        _start = _time.GetTimestamp();
        _sockets = sockets;
        Listen = sockets.Bound;
        var advertise = settings.Advertise.Port == 0 ? new IPEndPoint(settings.Advertise.Address, Listen.Port) : settings.Advertise;
        _packetBytes = settings.Options.PacketBytes;
        _node = new GossipNode(settings.Options, settings.Identity with { Address = PeerAddress.From(advertise) }, settings.Keys, settings.Random, settings.DrawSession);

        // Whoever brings something runs the loop himself, if nobody does: no hand-over for a datagram.
        _inbox = Channel.CreateBounded<Item>(new BoundedChannelOptions(InboxMax) { SingleReader = true, AllowSynchronousContinuations = true });
        _streams = new StreamHub(sockets.Streams, settings.Options.StreamsMax, Counters, _time, EnterAsync);
        _timer = _time.CreateTimer(static self => ((GossipShell)self!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan); // itself
        _tasks = [RunAsync(), ReceiveAsync(), _streams.AcceptAsync()];
        Completion = Task.WhenAny(_tasks).Unwrap();
        Ring();
    }

    /// <summary>Where it is bound.</summary>
    public IPEndPoint Listen { get; }

    /// <summary>This node.</summary>
    public NodeId Id => _node.Id;

    /// <summary>What passed through its sockets.</summary>
    public ShellCounters Counters { get; } = new();

    /// <summary>Ends with the shell; fails if one of the node's own promises broke.</summary>
    public Task Completion { get; }

    /// <summary>Binds the sockets and begins.</summary>
    /// <exception cref="SocketException">The address is taken, or not of this host.</exception>
    /// <exception cref="ArgumentException">Options, ring or identity cannot be used.</exception>
    public static GossipShell Start(ShellSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var sockets = ShellSockets.Bind(settings.Listen);
        try
        {
            return new GossipShell(settings, sockets);
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>Passes on a wish; waits while the inbox is full.</summary>
    public ValueTask DoAsync(GossipInput wish) => EnterAsync(wish);

    /// <summary>Asks the node, between two steps.</summary>
    /// <param name="ask">Reads; runs in the shell's loop.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="InvalidOperationException">The node has ended.</exception>
    public async Task<T> AskAsync<T>(Func<GossipNode, T> ask, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _inbox.Writer.WriteAsync(new Item(null, node => answer.TrySetResult(ask(node))), cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw Ended(e);
        }

        _ = await Task.WhenAny(answer.Task, Completion).WaitAsync(cancellationToken);
        return answer.Task.IsCompleted ? await answer.Task : throw Ended(null);
    }

    /// <summary>Says goodbye, and returns when it was told often enough, or after five seconds.</summary>
    public async Task LeaveAsync()
    {
        await EnterAsync(new GossipInput.Leave());
        _ = await Task.WhenAny(_departed.Task, Completion, Task.Delay(LeaveMax, _time));
    }

    /// <summary>Closes everything, without a goodbye: for the others it failed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _timer.DisposeAsync();
        await _streams.DisposeAsync();
        _sockets.Dispose();
        _ = _inbox.Writer.TryComplete();
        foreach (var task in _tasks)
        {
            await Task.WhenAny(task); // its failure is in Completion
        }

        _stopping.Dispose();
    }

    private InvalidOperationException Ended(Exception? seen)
    {
        var why = Array.Find(_tasks, static t => t.IsFaulted)?.Exception?.InnerException ?? seen;
        return new InvalidOperationException(why is null ? "The node has ended." : $"The node has ended: {why.Message}", why);
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private async ValueTask EnterAsync(GossipInput input)
    {
        try
        {
            await _inbox.Writer.WriteAsync(new Item(input, null), CancellationToken.None);
        }
        catch (ChannelClosedException)
        {
            // The node has ended; nothing happens to it any more.
        }
    }

    private void Ring()
    {
        // If there is no place for it the loop runs, looks at the clock with each item, and sets the timer anew at the end.
        if (Interlocked.Exchange(ref _isTickWaiting, 1) == 0 && !_inbox.Writer.TryWrite(new Item(new GossipInput.Tick(), null)))
        {
            _ = Interlocked.Exchange(ref _isTickWaiting, 0);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _inbox.Reader.WaitToReadAsync())
            {
                while (_inbox.Reader.TryRead(out var item))
                {
                    Take(item);
                }

                AskPaths();
                Arm();
            }
        }
        finally
        {
            _ = _inbox.Writer.TryComplete(); // a promise broke: nobody waits for a place any more
        }
    }

    private void Take(Item item)
    {
        if (item.Ask is { } ask)
        {
            ask(_node);
            return;
        }

        if (item.Input is GossipInput.Tick)
        {
            _ = Interlocked.Exchange(ref _isTickWaiting, 0);
        }

        _effects.Clear();
        _node.Step(Now, item.Input!, _effects); // one of the two is there
        foreach (var effect in _effects)
        {
            Do(effect);
        }
    }

    private void Arm()
    {
        // Timers count whole milliseconds: rounded down one would ring again and again until its time has come.
        var wait = Math.Ceiling((_node.NextDue - Now).TotalMilliseconds);
        _ = _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, wait)), Timeout.InfiniteTimeSpan);
    }

    private void Do(GossipEffect effect)
    {
        switch (effect)
        {
            case GossipEffect.SendPacket packet:
                Send(packet.To, packet.Bytes);
                break;
            case GossipEffect.OpenStream open:
                _streams.Open(open.Stream, open.To.ToEndPoint());
                break;
            case GossipEffect.SendStream send:
                _streams.Send(send.Stream, send.Bytes);
                break;
            case GossipEffect.CloseStream close:
                _streams.Close(close.Stream);
                break;
            case GossipEffect.StoreIncarnation store:
                Store(store.Incarnation);
                break;
            case GossipEffect.Departed:
                _ = _departed.TrySetResult();
                break;
            case GossipEffect.MemberChanged or GossipEffect.RowChanged or GossipEffect.Report or GossipEffect.Refused:
                _settings.Tell(effect);
                break;
            default:
                throw new UnreachableException(effect.GetType().Name);
        }
    }

    private void Store(uint incarnation)
    {
        try
        {
            _settings.StoreIncarnation(incarnation);
        }
        catch (IOException e)
        {
            _settings.Tell(new GossipEffect.Report(
                GossipTrouble.DiskRefused, "disk", $"Incarnation {incarnation} of this node could not be stored: {e.Message} Make room: a restart before that is named as an old disk, and mended by the others."));
        }
    }

    private void Send(PeerAddress to, byte[] bytes)
    {
        try
        {
            _ = _sockets.Datagrams.SendTo(bytes, SocketFlags.None, AddressOf(to));
            Counters.CountSent(bytes.Length);
        }
        catch (SocketException)
        {
            Counters.CountSendError(); // no route, a firewall, no buffer: to the protocol it is a lost datagram
        }
    }

    private SocketAddress AddressOf(PeerAddress to)
    {
        if (!_addresses.TryGetValue(to, out var address))
        {
            if (_addresses.Count >= AddressesMax)
            {
                _addresses.Clear();
            }

            var endPoint = to.ToEndPoint();
            if (_sockets.Datagrams.AddressFamily == AddressFamily.InterNetworkV6)
            {
                endPoint = new IPEndPoint(endPoint.Address.MapToIPv6(), endPoint.Port);
            }

            address = endPoint.Serialize();
            _addresses.Add(to, address);
        }

        return address;
    }

    private async Task ReceiveAsync()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(DatagramBytesMax, pinned: true);
        var from = new SocketAddress(_sockets.Datagrams.AddressFamily);
        for (var errors = 0; !_stopping.IsCancellationRequested;)
        {
            try
            {
                var count = await _sockets.Datagrams.ReceiveFromAsync(buffer, SocketFlags.None, from, _stopping.Token);
                errors = 0;
                var packet = new GossipInput.Packet(PeerAddress.From(from), buffer.AsSpan(0, count).ToArray());
                Counters.CountReceived(count, isDropped: !_inbox.Writer.TryWrite(new Item(packet, null)));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (++errors < ReceiveErrorsMax)
            {
                // An answer of the network to something sent earlier; what waits is read next.
            }
        }
    }

    /// <summary>Now and then: how long a datagram may be for the paths to some of the others.</summary>
    private void AskPaths()
    {
        if (Now < _pathsAt)
        {
            return;
        }

        _pathsAt = Now + PathInterval;
        var others = _node.Members.Where(static m => m.Status is MemberStatus.Alive or MemberStatus.Suspect).ToList();
        var first = others.Count == 0 ? 0 : _settings.Random.Next(others.Count);
        var payloads = Enumerable.Range(0, Math.Min(PathsAsked, others.Count))
            .Select(i => PathProbe.PayloadBytes(others[(first + i) % others.Count].Address.ToEndPoint()))
            .OfType<int>().DefaultIfEmpty(_settings.Options.PacketBytes);
        var bytes = Math.Clamp(payloads.Min(), Wire.WireLimits.PacketBytesMin, PacketBytesMost);
        if (bytes != _packetBytes)
        {
            _packetBytes = bytes;
            Take(new Item(new GossipInput.SetPacketBytes(bytes), null));
        }
    }

    private readonly record struct Item(GossipInput? Input, Action<GossipNode>? Ask);
}

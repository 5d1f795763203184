using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Networking.Gossip.Shell;

/// <summary>All TCP connections of a node. Bounded: the core ends those that dawdle, and beyond twice its bound none is accepted.</summary>
internal sealed class StreamHub(Socket listener, int streamsMax, ShellCounters counters, TimeProvider time, Func<GossipInput, ValueTask> happened) : IAsyncDisposable
{
    private static readonly TimeSpan AcceptAgain = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<int, (StreamLink Link, Task Carrying)> _links = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _lastAccepted = -1;

    /// <summary>Accepts until disposed.</summary>
    public async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await TakeAsync(await listener.AcceptAsync(_stopping.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // It was gone before we had it, or there are no descriptors left: the next may do better, a little later.
                await Task.WhenAny(Task.Delay(AcceptAgain, time, _stopping.Token));
            }
        }
    }

    public void Open(int stream, IPEndPoint to)
    {
        counters.CountOpened();
        Begin(stream, link => link.OpenAsync(to));
    }

    public void Send(int stream, byte[] frame)
    {
        if (_links.TryGetValue(stream, out var entry) && !entry.Link.TrySend(frame))
        {
            entry.Link.Abort();
        }
    }

    public void Close(int stream)
    {
        if (_links.TryGetValue(stream, out var entry))
        {
            entry.Link.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var (link, _) in _links.Values)
        {
            link.Abort();
        }

        await Task.WhenAll(_links.Values.Select(static e => e.Carrying));
        _stopping.Dispose();
    }

    private async Task TakeAsync(Socket socket)
    {
        if (_links.Count >= 2 * streamsMax || socket.RemoteEndPoint is not IPEndPoint from)
        {
            counters.CountTurnedAway();
            socket.Dispose();
            return;
        }

        counters.CountAccepted();
        _lastAccepted += 2; // the shell's numbers are odd
        var stream = _lastAccepted;
        await happened(new GossipInput.StreamAccepted(stream, PeerAddress.From(from)));
        Begin(stream, link => link.CarryAsync(socket));
    }

    private void Begin(int stream, Func<StreamLink, Task> carry)
    {
        var link = new StreamLink(stream, counters, time, happened);
        var started = new TaskCompletionSource();
        _links[stream] = (link, RunAsync());
        started.SetResult();

        async Task RunAsync()
        {
            await started.Task; // it is in the table before it can end
            try
            {
                await carry(link);
            }
            finally
            {
                _ = _links.TryRemove(stream, out _);
                link.Abort();
            }
        }
    }
}

using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Which handles stay open, and the numbers under which the host's namespace knows the others.</summary>
public sealed partial class NamespaceDirectory
{
    private const int ClosingMax = 32; // sockets that wait to be closed; beyond, whoever lets one go waits for it

    private int _closing;
    private volatile bool _isEnding;

    /// <summary>How many sandboxes have open sockets now.</summary>
    public int OpenCount
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Away from the lanes' threads, whose end is awaited below and which may have brought the caller here.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await Doomed.WhenReapedAsync();
        Doomed.Dispose();
        Lanes.Dispose();
        _isEnding = true;
        Background.Dispose();
        lock (_gate)
        {
            while (_order.First is { } node)
            {
                Close(node);
            }
        }

        _readingSocket.Dispose();
        _host.Retire();
        _home.Dispose();
    }

    /// <summary>
    /// The kernel took an id back, so its namespace is gone, unless what is told is about one before it: the kernel gives the
    /// lowest free id, which may be another's by the time that the old one's end is read.
    /// </summary>
    /// <returns>False if the id is still the namespace's.</returns>
    internal bool TryForgetId(int id, NetNs ns)
    {
        try
        {
            using var lease = ((INamespaceHandles)this).Rent(ns);
            if (FindId(lease.Handle) == id)
            {
                return false;
            }
        }
        catch (KernelException)
        {
            // Nothing leads to it any more.
        }

        return _byId.TryRemove(KeyValuePair.Create(id, ns)); // unless the id has become another's meanwhile
    }

    /// <summary>Remembers the way to a namespace, and its handle.</summary>
    /// <param name="handle">What was opened there.</param>
    /// <param name="path">The way.</param>
    /// <param name="reopened">The way that was known when the opening began; null if it is a new one.</param>
    /// <returns>The handle to use, which may be another thread's; null if the way was forgotten meanwhile.</returns>
    private NamespaceHandle? Keep(NamespaceHandle handle, string path, KnownPath? reopened)
    {
        var known = new KnownPath(path, handle.Identity, AssignId(handle));
        lock (_gate)
        {
            if (reopened is not null && (!_paths.TryGetValue(handle.Namespace, out var now) || now != reopened))
            {
                Discard(handle);
                return null;
            }

            if (known.Id is { } id)
            {
                _byId[id] = handle.Namespace;
            }

            _paths[handle.Namespace] = known;
            if (_open.TryGetValue(handle.Namespace, out var node))
            {
                if (node.Value.Identity == handle.Identity)
                {
                    Discard(handle); // two threads opened it at once; one handle is enough
                    return node.Value;
                }

                Close(node);
            }

            _open.Add(handle.Namespace, _order.AddLast(handle));
            while (_open.Count > _handlesMax && _order.First is { } oldest)
            {
                Close(oldest);
            }

            return handle;
        }
    }

    /// <summary>Closes a handle that was not kept.</summary>
    private void Discard(NamespaceHandle handle)
    {
        _ = _ownPorts.TryRemove(new OwnPort(handle.Namespace, NetlinkProtocol.Route, handle.Socket.PortId), out _);
        handle.Retire();
    }

    private void Close(LinkedListNode<NamespaceHandle> node)
    {
        _ = _open.Remove(node.Value.Namespace);
        _order.Remove(node);
        ForgetPorts(node.Value.Namespace);
        node.Value.Retire();
    }

    // The socket keeps its namespace alive a moment longer than the handle does.
    private void CloseFirewall(NetNs ns, IDisposable transport)
    {
        if (_isEnding || Volatile.Read(ref _closing) >= ClosingMax)
        {
            transport.Dispose();
            return;
        }

        _ = Interlocked.Increment(ref _closing);

        _ = Background.RunAsync(
            ns,
            Lane.Firewall,
            () =>
            {
                transport.Dispose();
                return Interlocked.Decrement(ref _closing);
            },
            CancellationToken.None);
    }

    /// <summary>An event that is still under way then counts as foreign, which costs its reader a look and nothing else.</summary>
    private void ForgetPorts(NetNs ns)
    {
        foreach (var port in _ownPorts.Keys)
        {
            if (port.Namespace == ns)
            {
                _ = _ownPorts.TryRemove(port, out _);
            }
        }
    }

    /// <summary>
    /// Finds the id that a namespace has in the host's, or gives it one, so that its events reach us. The id outlives the
    /// daemon: a restart only asks.
    /// </summary>
    /// <returns>The id; null if the kernel gives none.</returns>
    private int? AssignId(NamespaceHandle handle)
    {
        if (FindId(handle) is not { } id)
        {
            var batch = new NetlinkBatch();
            var writer = batch.Begin();
            NamespaceIdEncoder.Assign(ref writer, handle.Descriptor.Number);
            _ = batch.Commit(writer);
            _host.Socket.Exchange(batch.Messages, batch.Acks);
            if (FindId(handle) is not { } given)
            {
                return null; // its events stay unheard, and the slow check finds what they would have told
            }

            id = given;
        }

        return id;
    }

    private int? FindId(NamespaceHandle handle)
    {
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        NamespaceIdEncoder.Get(ref writer, handle.Descriptor.Number);
        _ = batch.Commit(writer);
        var replies = new CollectedReplies();
        _host.Socket.Exchange(batch.Messages, batch.Acks, replies);
        foreach (var (type, body) in replies.Messages)
        {
            if (type == RouteMessageType.NewNamespaceId && NamespaceIdEncoder.Read(body) is >= 0 and var id)
            {
                return id;
            }
        }

        return null;
    }
}

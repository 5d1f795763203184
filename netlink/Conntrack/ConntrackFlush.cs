using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Forgets connections to a published port: by a request a port, where the kernel takes a filter for deletions (6.10 or so) and
/// the ports are few; else by dump and delete. It asks once: connections that begin meanwhile meet the rules as they are
/// now. Bounded: what does not fit one pass is left for the next, and after the last pass told.
/// </summary>
internal sealed class ConntrackFlush(NamespaceDirectory directory) : IDisposable
{
    // A hundred bytes each; a pass holds no more than some megabytes however large the table is.
    private const int MatchesMax = 32_768;
    private const int PassesMax = 16;

    // Each is one walk through the kernel's table; a dump is a walk too, but a hundred times as long.
    private const int FilteredPortsMax = 64;

    // Of the host, where ports are published: kept, for both hold buffers of tens of kilobytes. Its firewall lane uses them alone.
    private NetlinkSocket? _hostSocket;
    private readonly NetlinkBatch _hostBatch = new();
    private long _done;
    private volatile bool _isFilterRefused; // the kernel does not change while we run

    /// <summary>Flushes done so far.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Deletes every matching connection.</summary>
    /// <returns>The first refusal, or null.</returns>
    public KernelError? Perform(ConntrackFlushTransition flush)
    {
        var operation = OperationOf(flush);
        if (flush.Address is { } address && address.GetAddressBytes().Length != (flush.IsIpv6 ? 16 : 4))
        {
            return SystemCalls.ErrorOf(Errno.Invalid, operation, $"{address} is of the other family");
        }

        try
        {
            if (flush.Namespace == NetNs.Host)
            {
                return Perform(_hostSocket ??= directory.OpenSocket(NetNs.Host, NetlinkProtocol.Netfilter), _hostBatch, flush, operation);
            }

            using var socket = directory.OpenSocket(flush.Namespace, NetlinkProtocol.Netfilter);
            return Perform(socket, new NetlinkBatch(), flush, operation);
        }
        catch (KernelException exception) when (exception.Error is { } refusal)
        {
            return exception.IsNamespaceGone ? null : refusal; // with a namespace its connections are gone
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hostSocket?.Dispose();

    private static string OperationOf(ConntrackFlushTransition flush) =>
        $"forget {flush.Protocol.ToString().ToUpperInvariant()} connections to {flush.Address?.ToString() ?? "any address"} port {flush.Ports}";

    private KernelError? Perform(NetlinkSocket socket, NetlinkBatch batch, ConntrackFlushTransition flush, string operation)
    {
        if (!TryDeleteAll(socket, batch, flush, operation, out var error))
        {
            error = DeleteEach(socket, flush, operation);
        }

        _ = Interlocked.Increment(ref _done);
        return error;
    }

    // False if that is not to be done by a filter.
    private bool TryDeleteAll(NetlinkSocket socket, NetlinkBatch batch, ConntrackFlushTransition flush, string operation, out KernelError? error)
    {
        error = null;
        if (_isFilterRefused || flush.Ports.Count > FilteredPortsMax || !ConntrackEncoder.IsExact(flush))
        {
            return false;
        }

        batch.Clear();
        for (var port = flush.Ports.First; port <= flush.Ports.Last; port++)
        {
            var writer = batch.Begin();
            ConntrackEncoder.DeleteAll(ref writer, flush, port);
            _ = batch.Commit(writer);
        }

        socket.Exchange(batch.Messages, batch.Acks);
        foreach (var ack in batch.Acks)
        {
            if (ack.Errno is Errno.Invalid or Errno.NotSupported)
            {
                _isFilterRefused = true;
                return false;
            }

            if (!ack.IsDone)
            {
                error ??= ack.ToError(operation);
            }
        }

        return true;
    }

    private static KernelError? DeleteEach(NetlinkSocket socket, ConntrackFlushTransition flush, string operation)
    {
        var matches = new Matches(flush, MatchesMax);
        Span<byte> bytes = stackalloc byte[256];
        for (var pass = 0; pass < PassesMax; pass++)
        {
            matches.OnRestart();
            var request = new NetlinkWriter(bytes);
            ConntrackEncoder.Dump(ref request, flush);
            if (socket.Dump(bytes[..request.Position], operation, matches) is { } refusal)
            {
                return refusal;
            }

            if (Delete(socket, matches.Batch, operation) is { } failure)
            {
                return failure;
            }

            if (!matches.IsFull)
            {
                return null;
            }
        }

        return SystemCalls.ErrorOf(
            Errno.Again, operation, $"more than {PassesMax * MatchesMax} connections; the rest ends by itself when it falls silent");
    }

    private static KernelError? Delete(NetlinkSocket socket, NetlinkBatch batch, string operation)
    {
        if (batch.Count == 0)
        {
            return null;
        }

        socket.Exchange(batch.Messages, batch.Acks);
        KernelError? first = null;
        foreach (var ack in batch.Acks)
        {
            if (!ack.IsDone && ack.Errno != Errno.NoEntry)
            {
                first ??= ack.ToError(operation); // ENOENT: it has ended by itself
            }
        }

        return first;
    }

    /// <summary>Turns each matching connection of a dump into the request that deletes it.</summary>
    private sealed class Matches(ConntrackFlushTransition flush, int max) : INetlinkReplies
    {
        private readonly byte _family = ConntrackEncoder.FamilyOf(flush);
        private readonly byte[] _address = flush.Address?.GetAddressBytes() ?? [];

        public NetlinkBatch Batch { get; } = new();

        public bool IsFull { get; private set; }

        /// <inheritdoc/>
        public void OnMessage(int request, ushort type, ReadOnlySpan<byte> body)
        {
            var entry = ConntrackEntry.Read(body);
            if (entry.Family != _family || entry.Protocol != (byte)flush.Protocol || (flush.SparesTranslated && entry.IsTranslated)
                || entry.DestinationPort < flush.Ports.First || entry.DestinationPort > flush.Ports.Last
                || (_address.Length > 0 && !entry.Destination.SequenceEqual(_address)))
            {
                return;
            }

            if (Batch.Count == max)
            {
                IsFull = true;
                return;
            }

            var writer = Batch.Begin();
            ConntrackEncoder.Delete(ref writer, entry);
            _ = Batch.Commit(writer);
        }

        /// <inheritdoc/>
        public void OnRestart()
        {
            Batch.Clear();
            IsFull = false;
        }
    }
}

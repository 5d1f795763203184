using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Model.Api;

namespace Networking.Netd.Events;

/// <summary>
/// The events of the daemon: the last ones are remembered, and every reader gets those to come. A reader that does not
/// keep up loses the oldest and sees a gap in the sequence; it never holds up the daemon.
/// </summary>
internal sealed class EventLog(TimeProvider time)
{
    private const int RememberedMax = 4096;
    private const int ReaderMax = 1024;

    private readonly Lock _gate = new(); // guards all below
    private readonly Queue<EventDocument> _remembered = new();
    private ImmutableList<Channel<EventDocument>> _readers = [];
    private long _sequence;

    /// <summary>Adds an event.</summary>
    /// <param name="type">Such as <c>network.created</c>.</param>
    /// <param name="obj">Id or scope.</param>
    /// <param name="name">Its name, if it has one.</param>
    /// <param name="message">One sentence.</param>
    public void Add(string type, string obj, string? name, string message)
    {
        lock (_gate)
        {
            var item = new EventDocument
            {
                Sequence = ++_sequence,
                Time = time.GetUtcNow(),
                Type = type,
                Object = obj,
                Name = name,
                Message = message,
            };
            _remembered.Enqueue(item);
            if (_remembered.Count > RememberedMax)
            {
                _ = _remembered.Dequeue();
            }

            foreach (var reader in _readers)
            {
                _ = reader.Writer.TryWrite(item); // drops its oldest when full
            }
        }
    }

    /// <summary>
    /// Events after a sequence number that are still remembered, all of them if the number is of a daemon before this one, then those to come, until cancelled, if they are followed.
    /// </summary>
    public async IAsyncEnumerable<EventDocument> ReadAsync(
        long? since, bool isFollowing, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = Channel.CreateBounded<EventDocument>(new BoundedChannelOptions(ReaderMax) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableArray<EventDocument> past;
        lock (_gate)
        {
            past = since is { } number ? [.. _remembered.Where(e => number > _sequence || e.Sequence > number)] : [];
            _readers = _readers.Add(reader);
        }

        try
        {
            foreach (var item in past)
            {
                yield return item;
            }

            if (!isFollowing)
            {
                yield break;
            }

            await foreach (var item in reader.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            lock (_gate)
            {
                _readers = _readers.Remove(reader);
            }
        }
    }

    /// <summary>Ends every reader: the daemon stops.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _readers.ForEach(static r => r.Writer.TryComplete());
        }
    }
}

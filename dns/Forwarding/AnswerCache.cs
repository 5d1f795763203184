namespace Networking.Dns;

/// <summary>
/// Answers of others for as long as they say, and a while longer for when nobody answers. Bounded in bytes: the answer that
/// was used longest ago goes first.
/// </summary>
internal sealed class AnswerCache
{
    private const int EntryOverhead = 200; // dictionary, list and array headers of an entry, about

    private readonly Lock _gate = new(); // guards _entries, _order, _bytes
    private readonly Dictionary<byte[], LinkedListNode<Entry>> _entries = new(QuestionKey.Comparer);
    private readonly LinkedList<Entry> _order = []; // least recently used first
    private readonly ForwardingOptions _options;
    private long _bytes;

    public AnswerCache(ForwardingOptions options) => _options = options;

    /// <summary>Memory in use, about, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>How many answers are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The answer to a question; null if there is none that may be used even as a stale one.</summary>
    public CachedAnswer? Find(ReadOnlySpan<byte> key, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var node))
            {
                return null;
            }

            var answer = node.Value.Answer;
            if (now >= answer.Expires + _options.StaleMax || now < answer.Stored)
            {
                Remove(node);
                return null;
            }

            _order.Remove(node);
            _order.AddLast(node);
            return answer;
        }
    }

    /// <summary>Keeps an answer if it may be kept; an older one to the same question goes.</summary>
    public void Keep(byte[] key, byte[] message, DateTimeOffset now)
    {
        if (AnswerShape.TtlOf(message, _options) is not { } ttl || ttl <= TimeSpan.Zero)
        {
            return;
        }

        var entry = new Entry(key, new CachedAnswer(message, now, now + ttl), key.Length + message.Length + EntryOverhead);
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var old))
            {
                Remove(old);
            }

            _entries.Add(key, _order.AddLast(entry));
            _bytes += entry.Bytes;
            while (_bytes > _options.CacheBytesMax && _options.Planted != PlantedBug.UnboundedCache && _order.First is { } first)
            {
                Remove(first);
            }
        }
    }

    // Under _gate.
    private void Remove(LinkedListNode<Entry> node)
    {
        _ = _entries.Remove(node.Value.Key);
        _order.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private readonly record struct Entry(byte[] Key, CachedAnswer Answer, int Bytes);
}

/// <summary>An answer of others.</summary>
/// <param name="Message">As it came.</param>
/// <param name="Stored">When it came.</param>
/// <param name="Expires">Until when it is good.</param>
internal sealed record CachedAnswer(byte[] Message, DateTimeOffset Stored, DateTimeOffset Expires);

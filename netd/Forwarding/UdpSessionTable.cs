using System.Diagnostics.CodeAnalysis;

namespace Networking.Netd.Forwarding;

/// <summary>
/// The sessions of one UDP port, by use: who was silent longest stands first, is the first to end, and makes room when there
/// is none. Used from many threads; disposes nothing itself.
/// </summary>
internal sealed class UdpSessionTable(int sessionsMax, TimeSpan idle, TimeProvider time)
{
    private readonly Lock _gate = new(); // guards _byKey, _byUse
    private readonly Dictionary<UdpSessionKey, LinkedListNode<UdpSession>> _byKey = [];
    private readonly LinkedList<UdpSession> _byUse = [];

    /// <summary>True if another session needs one to make room.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                return _byKey.Count >= sessionsMax;
            }
        }
    }

    public bool TryUse(UdpSessionKey key, [NotNullWhen(true)] out UdpSession? session)
    {
        lock (_gate)
        {
            session = _byKey.TryGetValue(key, out var node) ? node.Value : null;
            if (node is not null)
            {
                Touch(node);
            }
        }

        return session is not null;
    }

    public void Add(UdpSession session)
    {
        lock (_gate)
        {
            session.LastUsed = time.GetTimestamp();
            _byKey.Add(session.Key, _byUse.AddLast(session));
        }
    }

    /// <summary>Notes that a session was used; one that has been taken out stays out.</summary>
    public void Touch(UdpSession session)
    {
        lock (_gate)
        {
            if (_byKey.TryGetValue(session.Key, out var node) && node.Value == session)
            {
                Touch(node);
            }
        }
    }

    /// <summary>Takes out the one that was silent longest; null if there is none.</summary>
    public UdpSession? TakeOldest()
    {
        lock (_gate)
        {
            return _byUse.First is { } node ? Take(node) : null;
        }
    }

    /// <summary>Takes out one that was silent too long; null if there is none.</summary>
    public UdpSession? TakeExpired()
    {
        lock (_gate)
        {
            return _byUse.First is { } node && time.GetElapsedTime(node.Value.LastUsed) >= idle ? Take(node) : null;
        }
    }

    private void Touch(LinkedListNode<UdpSession> node)
    {
        node.Value.LastUsed = time.GetTimestamp();
        _byUse.Remove(node);
        _byUse.AddLast(node);
    }

    private UdpSession Take(LinkedListNode<UdpSession> node)
    {
        _byUse.Remove(node);
        _ = _byKey.Remove(node.Value.Key);
        return node.Value;
    }
}

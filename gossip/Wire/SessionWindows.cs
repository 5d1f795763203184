namespace Networking.Gossip.Wire;

/// <summary>The windows of all senders heard lately, bounded: the one that was quiet longest makes room.</summary>
internal sealed class SessionWindows(int sessionsMax)
{
    private readonly NumberTable<ReplayWindow> _windows = new();
    private long _uses;

    public int Count => _windows.Count;

    /// <summary>Takes a counter of a session: false if it was taken before.</summary>
    public bool Accept(ulong session, uint counter)
    {
        if (_windows.Find(session) is not { } window)
        {
            if (_windows.Count >= sessionsMax)
            {
                ForgetOldest();
            }

            window = new ReplayWindow(session);
            _windows.Add(window);
        }

        window.LastUse = ++_uses;
        return window.Accept(counter);
    }

    /// <summary>An eighth at a time, so that what it costs to look is shared by many.</summary>
    private void ForgetOldest()
    {
        foreach (var window in _windows.Sorted().OrderBy(static w => w.LastUse).Take(Math.Max(1, sessionsMax / 8)))
        {
            _windows.Remove(window.Session);
        }
    }
}

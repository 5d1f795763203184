namespace Networking.Netlink;

/// <content>
/// The legacy tables tell nobody of a change. But the kernel says in one call how many rules a table has and where its chains
/// begin, so it is asked twice a second: what was flushed, added or taken out is seen so; a rule that was replaced by one of
/// the same size is not, until everything is read again.
/// </content>
internal sealed partial class IptablesFirewall
{
    private readonly Dictionary<IptablesPlace, string> _sizes = [];
    private bool _hasOverlooked; // others have changed a table, and nobody was told yet

    /// <summary>How often <see cref="HasChangedUnseen"/> is worth asking; infinite while nothing of ours stands there.</summary>
    public int LookEveryMs => _isActive && _tool is { IsLegacy: true } ? 500 : -1;

    /// <summary>Called when <see cref="LookEveryMs"/> is no longer infinite: who waits for something else would not come to look.</summary>
    public Action? LooksBegin { get; set; }

    /// <summary>True if somebody else has changed a legacy table since we last did or read; told once.</summary>
    public bool HasChangedUnseen()
    {
        if (LookEveryMs < 0 || !_gate.TryEnter())
        {
            return false; // somebody is at work, and will note the sizes
        }

        try
        {
            NoticeOthers();
            var hasChanged = _hasOverlooked;
            _hasOverlooked = false;
            return hasChanged;
        }
        finally
        {
            _gate.Exit();
        }
    }

    // Before we change anything ourselves: what others have done since the last look would else be taken for ours.
    private void NoticeOthers()
    {
        if (LookEveryMs >= 0 && LegacyTables.All.Any(p => _sizes.GetValueOrDefault(p) != LegacyTables.SizeOf(p.IsIpv6, p.Table)))
        {
            (_hasOverlooked, _standing) = (true, null);
            NoteSizes();
        }
    }

    private void SetActive(bool isActive)
    {
        var wasLookedAt = LookEveryMs >= 0;
        _isActive = isActive;
        if (!wasLookedAt && LookEveryMs >= 0)
        {
            LooksBegin?.Invoke();
        }
    }

    private void NoteSizes()
    {
        if (_tool is not { IsLegacy: true })
        {
            return;
        }

        foreach (var place in LegacyTables.All)
        {
            _sizes[place] = LegacyTables.SizeOf(place.IsIpv6, place.Table);
        }
    }
}

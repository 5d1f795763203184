using Networking.Gossip.Wire;

namespace Networking.Gossip.Tables;

/// <summary>Every row comes and goes through here, so that digest, attachments, news and readers agree.</summary>
internal sealed partial class TableBook
{
    private void Hold(ScopeRows scope, OwnerRows owner, Row row, bool isOwn)
    {
        var residual = row.Residual is { } left && left < _context.Options.TombstoneTime ? left : _context.Options.TombstoneTime;
        var before = owner.Find(row.Key);
        var wasShown = owner.IsVisible && before is { Row.IsRemoved: false };
        var floor = scope.Scope.IsCluster ? Attachments.FloorAfter(before, row) : 0;
        scope.Set(owner, row, new HeldMark(row.IsRemoved ? _context.Now + residual : TimeSpan.Zero, floor));
        scope.ChangedAt = _context.Now;
        if (row.IsRemoved)
        {
            _forgetting.Enqueue((scope.Scope, row.Owner, row.Key), _context.Now + residual);
        }

        if (owner.IsVisible && (wasShown || !row.IsRemoved))
        {
            Emit(scope, row, row.IsRemoved);
        }
        else if (!owner.IsVisible)
        {
            Show(scope, owner, isOwn);
        }

        if (owner.PendingSince is null)
        {
            Tell(scope, row, residual);
        }

        FollowAttachment(scope, row, !row.IsRemoved, floor);
    }

    private void Release(ScopeRows scope, OwnerRows owner, HeldRow held)
    {
        scope.Remove(owner, held.Row.Key);
        scope.Queue.Remove((held.Row.Owner, held.Row.Key));
        if (held.Row.IsRemoved)
        {
            return;
        }

        scope.ChangedAt = _context.Now;
        if (owner.IsVisible)
        {
            Emit(scope, held.Row, isGone: true);
        }

        // An attachment of an earlier start that is void: what its owner wrote since waits, unseen, until it says anew that it is attached.
        if (scope.Scope.IsCluster && Attachments.Follow(held.Row, isHeld: false, out var attached)
            && _scopes.TryGetValue(attached, out var rows) && rows.Find(owner.Owner) is { } waiting)
        {
            Show(rows, waiting);
        }
    }

    private void Drop(ScopeRows scope, OwnerRows owner)
    {
        foreach (var held in owner.All.ToList())
        {
            Release(scope, owner, held);
        }

        scope.Forget(owner);
    }

    /// <summary>Shows or hides the rows of an owner, if that changed.</summary>
    private void Show(ScopeRows scope, OwnerRows owner, bool isOwn = false)
    {
        var member = _members.Roster.Find(owner.Owner);
        var isKnown = isOwn || owner.Owner == _members.Id || (member is not null && Attachments.Has(scope.Scope, owner.Owner));
        var isVisible = isKnown && (member is null || member.IsReachable || _context.Has(PlantedBug.FailedRowsShown));
        if (isKnown && owner.PendingSince is not null)
        {
            PassOn(scope, owner);
        }

        scope.Pend(owner, isKnown ? null : owner.PendingSince ?? _context.Now);
        if (owner.IsVisible == isVisible)
        {
            return;
        }

        owner.IsVisible = isVisible;
        foreach (var held in owner.All)
        {
            if (!held.Row.IsRemoved)
            {
                Emit(scope, held.Row, isGone: !isVisible);
            }
        }
    }

    /// <summary>Rows that waited for their owner to be known are news now. Passed on earlier, they would go round for ever if it never is.</summary>
    private void PassOn(ScopeRows scope, OwnerRows owner)
    {
        foreach (var held in owner.All)
        {
            Tell(scope, held.Row, held.ResidualAt(_context.Now) ?? TimeSpan.Zero);
        }
    }

    private void FollowAttachment(ScopeRows scope, Row row, bool isHeld, ulong floor)
    {
        if (!scope.Scope.IsCluster || !Attachments.Follow(row, isHeld, out var attached)
            || !_scopes.TryGetValue(attached, out var rows) || rows.Find(row.Owner) is not { } owner)
        {
            return;
        }

        foreach (var held in owner.All.Where(h => h.Row.Version <= floor).ToList())
        {
            Release(rows, owner, held);
        }

        if (isHeld && owner.Count > 0)
        {
            Show(rows, owner);
        }
        else
        {
            Drop(rows, owner);
        }
    }

    private void Tell(ScopeRows scope, Row row, TimeSpan residual)
    {
        if (_context.Memo.BytesOf(row) is not { } bytes)
        {
            _writer.Clear();
            MessageWriter.PutRow(_writer, row, row.IsRemoved ? residual : null);
            bytes = _writer.Written.ToArray();
        }

        scope.Queue.Add((row.Owner, row.Key), bytes);
    }

    private void Emit(ScopeRows scope, Row row, bool isGone) =>
        _context.Emit(new GossipEffect.RowChanged(++Revision, scope.Scope, row.Key, row.Owner, isGone ? null : row.Value));
}

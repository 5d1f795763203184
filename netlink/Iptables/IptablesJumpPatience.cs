namespace Networking.Netlink;

/// <summary>
/// How often our jumps go back to the front of the kernel's own chains. Another tool that wants to be first as well would else
/// be moved for ever: after some times in a row it stays there, and ours behind it.
/// </summary>
internal sealed class IptablesJumpPatience
{
    /// <summary>Moves in a window that are made; later ones wait for the next window.</summary>
    public const int MovesMax = 5;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private long _start = long.MinValue;
    private int _moves;

    /// <summary>True if a jump may be moved now.</summary>
    public bool MayMove => _moves < MovesMax || IsOver;

    private bool IsOver => Environment.TickCount64 - _start > Window.TotalMilliseconds;

    /// <summary>Counts a change that has been made.</summary>
    public void Count(bool isMove)
    {
        if (!isMove)
        {
            return;
        }

        if (_start == long.MinValue || IsOver)
        {
            (_start, _moves) = (Environment.TickCount64, 0);
        }

        _moves++;
    }
}

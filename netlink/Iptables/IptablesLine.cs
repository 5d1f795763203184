namespace Networking.Netlink;

/// <summary>A rule as iptables-save prints it behind <c>-A CHAIN</c>, and as iptables-restore takes it.</summary>
/// <param name="Comment">
/// Its comment, by which a line of ours is known: it ends in a digest of a rule, or says which element it is of. Null if it has none.
/// </param>
/// <param name="Text">All of it, comment and target included.</param>
internal readonly record struct IptablesLine(string? Comment, string Text)
{
    private const string Mark = "netd";
    private const int CommentMax = 255; // XT_MAX_COMMENT_LEN without its terminating zero

    /// <summary>True if the comment is one of ours.</summary>
    public bool IsOurs => Comment?.StartsWith(Mark, StringComparison.Ordinal) == true && Comment.Contains(": ", StringComparison.Ordinal);

    /// <summary>What we have said of the line; null if it is not ours.</summary>
    public string? About => IsOurs ? Comment![(Comment!.IndexOf(": ", StringComparison.Ordinal) + 2)..] : null; // ours have one

    /// <summary>A line of ours.</summary>
    /// <param name="about">What it is for. Of several lines with one purpose each has a number of its own.</param>
    /// <param name="number">That number.</param>
    /// <param name="matches">What it matches, as iptables takes it; may be empty.</param>
    /// <param name="target">Such as <c>-j ACCEPT</c>.</param>
    public static IptablesLine Of(string about, int number, string matches, string target)
    {
        var comment = number == 0 ? $"{Mark}: {about}" : $"{Mark}+{number}: {about}";
        return comment.Length > CommentMax || comment.AsSpan().IndexOfAny('"', '\\', '\n') >= 0
            ? throw SystemCalls.Refused(Errno.Invalid, $"write the rule '{about}' for iptables", "its comment does not fit")
            : new IptablesLine(comment, $"{(matches.Length == 0 ? string.Empty : $"{matches} ")}-m comment --comment \"{comment}\" {target}");
    }
}

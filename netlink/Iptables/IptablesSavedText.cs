using System.Text;

namespace Networking.Netlink;

/// <summary>Reads what iptables-save prints. Everything but our chains and the kernel's own is passed over.</summary>
/// <remarks>
/// <code>
///   *filter
///   :FORWARD DROP [0:0]          a chain of the kernel's own has a policy
///   :NETD-ADMIT - [0:0]
///   -A FORWARD -j NETD-FORWARD
///   COMMIT
/// </code>
/// </remarks>
internal static class IptablesSavedText
{
    /// <summary>No longer text is read: some hundred thousand rules.</summary>
    public const int BytesMax = 64 << 20;

    private const string CommentOption = "--comment ";

    /// <summary>Reads the text of one family into a snapshot.</summary>
    /// <exception cref="WireFormatException">It is not what iptables-save prints.</exception>
    public static void Read(bool isIpv6, string text, IptablesSnapshot snapshot)
    {
        IptablesPlace? place = null;
        var isOpen = false;
        var at = 0;
        foreach (var range in text.AsSpan().EnumerateLines())
        {
            var line = range.TrimEnd();
            if (line.IsEmpty || line[0] == '#')
            {
                at += range.Length + 1;
                continue;
            }

            switch (line[0])
            {
                case '*' when !isOpen:
                    isOpen = true;
                    var named = new IptablesPlace(isIpv6, line[1..].ToString());
                    place = IptablesPlace.All.Contains(named) ? named : null; // of other tables nothing is ours
                    break;
                case 'C' when isOpen && line is "COMMIT":
                    (isOpen, place) = (false, null);
                    break;
                case ':' when isOpen:
                    ReadChain(line[1..], place, snapshot, at);
                    break;
                case '-' or '[' when isOpen:
                    ReadRule(line, place, snapshot, at);
                    break;
                default:
                    throw new WireFormatException(at, $"'{Shown(line)}' is no line of iptables-save");
            }

            at += range.Length + 1;
        }

        if (isOpen)
        {
            throw new WireFormatException(at, "a table without its COMMIT");
        }
    }

    /// <summary>The comment of a rule; null if it has none.</summary>
    public static string? CommentOf(ReadOnlySpan<char> rule)
    {
        var start = rule.IndexOf(CommentOption, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var rest = rule[(start + CommentOption.Length)..];
        if (rest.IsEmpty || rest[0] != '"')
        {
            var end = rest.IndexOf(' ');
            return (end < 0 ? rest : rest[..end]).ToString();
        }

        var comment = new StringBuilder();
        for (var i = 1; i < rest.Length && rest[i] != '"'; i++)
        {
            if (rest[i] == '\\' && i + 1 < rest.Length)
            {
                i++;
            }

            _ = comment.Append(rest[i]);
        }

        return comment.ToString();
    }

    private static void ReadChain(ReadOnlySpan<char> line, IptablesPlace? place, IptablesSnapshot snapshot, int at)
    {
        var space = line.IndexOf(' ');
        if (space <= 0 || space + 1 == line.Length)
        {
            throw new WireFormatException(at, $"':{Shown(line)}' names no chain");
        }

        var name = line[..space].ToString();
        if (place is { } known && (line[space + 1] != '-' || IptablesChainName.IsOurs(name)))
        {
            _ = snapshot.Begin(known, name);
        }
    }

    private static void ReadRule(ReadOnlySpan<char> line, IptablesPlace? place, IptablesSnapshot snapshot, int at)
    {
        if (line[0] == '[') // counters, if somebody has asked for them
        {
            var end = line.IndexOf(' ');
            line = end < 0 ? [] : line[(end + 1)..];
        }

        if (!line.StartsWith("-A "))
        {
            throw new WireFormatException(at, $"'{Shown(line)}' is no rule");
        }

        line = line[3..];
        var space = line.IndexOf(' ');
        var chain = (space < 0 ? line : line[..space]).ToString();
        if (place is { } known && snapshot.Find(known, chain) is { } lines)
        {
            var rule = space < 0 ? string.Empty : line[(space + 1)..].ToString();
            lines.Add(new IptablesLine(CommentOf(rule), rule));
        }
    }

    private static string Shown(ReadOnlySpan<char> line) => (line.Length > 60 ? line[..60] : line).ToString();
}

using System.Diagnostics.CodeAnalysis;

namespace Networking.Drivers;

/// <summary>What the kernel, and the tools people point at it, take as the name of an interface.</summary>
public static class InterfaceName
{
    /// <summary>IFNAMSIZ without its terminating zero.</summary>
    public const int BytesMax = 15;

    /// <summary>A prefix leaves room for numbers up to 999.</summary>
    public const int PrefixBytesMax = BytesMax - 3;

    // dev_valid_name() refuses '/' and ':'; '%' asks dev_alloc_name() for a number; '*' and '+' are wildcards to firewall
    // tools, and quotes and backslashes do not survive them.
    private const string Refused = "/:%*+\"'\\";

    /// <summary>
    /// True if an interface may carry this name; else one sentence without a subject, such as <c>is longer than 15
    /// bytes</c>.
    /// </summary>
    public static bool IsValid(string name, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(name);
        problem = ProblemOf(name, BytesMax);
        return problem is null;
    }

    /// <summary>True if this followed by a number is a valid name.</summary>
    public static bool IsValidPrefix(string prefix, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        problem = ProblemOf(prefix, PrefixBytesMax);
        return problem is null;
    }

    private static string? ProblemOf(string name, int bytesMax)
    {
        if (name.Length == 0)
        {
            return "is empty";
        }

        foreach (var c in name)
        {
            if (c is < '!' or > '~')
            {
                return c is ' ' or '\t' or '\n' or '\r' ? "has whitespace in it" : "has a character outside printable ASCII";
            }

            if (Refused.Contains(c, StringComparison.Ordinal))
            {
                return $"has a '{c}' in it";
            }
        }

        // "all" and "default" are directories of their own below /proc/sys/net/ipv4/conf.
        return name.Length > bytesMax ? $"is longer than {bytesMax} bytes"
            : name is "." or ".." or "lo" or "all" or "default" ? "is taken by the kernel itself"
            : null;
    }
}

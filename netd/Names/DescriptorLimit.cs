using System.Globalization;

namespace Networking.Netd.Control;

/// <summary>How many descriptors this process may open, as the kernel says; the runtime has raised it as far as it may.</summary>
internal static class DescriptorLimit
{
    private const string File = "/proc/self/limits";
    private const string Line = "Max open files";
    private const int Usual = 1024;

    /// <summary>The limit; 1,024 where it cannot be read.</summary>
    public static int Read()
    {
        try
        {
            return Parse(System.IO.File.ReadAllLines(File));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Usual; // a place without /proc
        }
    }

    /// <summary>The soft limit of the kernel's table; as many as a number holds if there is none.</summary>
    internal static int Parse(IEnumerable<string> lines) =>
        lines.FirstOrDefault(static l => l.StartsWith(Line, StringComparison.Ordinal))?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var soft, ..] ? Usual
        : int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
        : int.MaxValue; // "unlimited"
}

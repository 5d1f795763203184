using System.Globalization;

namespace Networking.Netlink;

/// <summary>Finds the processes that hold sockets, as <c>ss -p</c> does: by the links in /proc/PID/fd.</summary>
internal static class SocketOwners
{
    /// <summary>How many descriptors are looked at; on a host with more, holders may stay unnamed.</summary>
    public const int DescriptorsMax = 100_000;

    private const string LinkStart = "socket:[";

    /// <summary>The process of each socket for which one is found; the lowest number if several share it.</summary>
    /// <param name="inodes">The sockets' inode numbers; zero is no socket's.</param>
    public static Dictionary<uint, (int ProcessId, string? Name)> Find(IEnumerable<uint> inodes)
    {
        var missing = inodes.Where(static inode => inode != 0).ToHashSet();
        var found = new Dictionary<uint, (int, string?)>();
        var budget = DescriptorsMax;
        foreach (var process in Processes())
        {
            if (missing.Count == 0 || budget <= 0)
            {
                break;
            }

            Search(process, missing, found, ref budget);
        }

        return found;
    }

    private static int[] Processes() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(static path => int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(static pid => pid > 0)
            .Order(),
    ];

    private static void Search(int process, HashSet<uint> missing, Dictionary<uint, (int ProcessId, string? Name)> found, ref int budget)
    {
        try
        {
            foreach (var descriptor in new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos())
            {
                if (--budget < 0)
                {
                    return;
                }

                if (descriptor.LinkTarget is { } target && target.StartsWith(LinkStart, StringComparison.Ordinal)
                    && uint.TryParse(target.AsSpan(LinkStart.Length).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
                    && missing.Remove(inode))
                {
                    found[inode] = (process, NameOf(process));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended while it was looked at, or it is not ours to look into: then it stays unnamed.
        }
    }

    private static string? NameOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").TrimEnd('\n');
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }
}

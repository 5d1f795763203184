using System.Globalization;

namespace Networking.Daemon.Tests.Staging;

/// <summary>What a process has open, but for programs and Unix sockets: connections to an API come and go with their clients.</summary>
internal static class DaemonFiles
{
    public static int Count(int process) => Read(process).Length;

    /// <summary>How many of each kind, for the message of a failed test.</summary>
    public static string Describe(int process) => string.Join(
        '\n', Read(process).CountBy(static f => f.Split(':')[0]).OrderBy(static f => f.Key, StringComparer.Ordinal).Select(static f => $"{f.Value} {f.Key}"));

    private static string[] Read(int process)
    {
        var root = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}");
        var targets = Directory.GetFiles($"{root}/fd").Select(static f => new FileInfo(f).LinkTarget).OfType<string>().ToArray();

        // Read afterwards: a socket that was closed meanwhile is in neither.
        var unix = File.ReadLines($"{root}/net/unix").Skip(1).Select(static l => $"socket:[{l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[6]}]").ToHashSet(StringComparer.Ordinal);
        return [.. targets.Where(t => !unix.Contains(t) && !t.EndsWith(".dll", StringComparison.Ordinal))]; // the runtime's, as it loads them
    }
}

using System.Globalization;

namespace Networking.Daemon.Tests.Staging;

/// <summary>What a process has open, but for programs and Unix sockets: connections to an API come and go with their clients.</summary>
internal static class DaemonFiles
{
    // Where the kernel lists the sockets of a namespace, and which word of a line is the inode.
    private static readonly (string File, int Word)[] s_tables =
        [("netlink", 9), ("packet", 8), ("tcp", 9), ("tcp6", 9), ("udp", 9), ("udp6", 9), ("raw", 9), ("raw6", 9)];

    public static int Count(int process) => Read(process).Length;

    /// <summary>How many of each kind, for the message of a failed test.</summary>
    public static string Describe(int process) => string.Join(
        '\n', Read(process).CountBy(Kinds(process)).OrderBy(static f => f.Key, StringComparer.Ordinal).Select(static f => $"{f.Value} {f.Key}"));

    // Of a socket, the table it is listed in with the words before the inode that tell one from another; none for those of other namespaces.
    private static Func<string, string> Kinds(int process)
    {
        var kinds = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (file, word) in s_tables)
        {
            foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/net/{file}")).Skip(1))
            {
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                kinds[$"socket:[{words[word]}]"] = $"socket {file} {words[1]}";
            }
        }

        return f => kinds.GetValueOrDefault(f) ?? (f.StartsWith("socket:", StringComparison.Ordinal) ? "socket elsewhere" : f.Split(':')[0]);
    }

    private static string[] Read(int process)
    {
        var root = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}");
        var targets = Directory.GetFiles($"{root}/fd").Select(static f => new FileInfo(f).LinkTarget).OfType<string>().ToArray();

        // Read afterwards: a socket that was closed meanwhile is in neither.
        var unix = File.ReadLines($"{root}/net/unix").Skip(1).Select(static l => $"socket:[{l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[6]}]").ToHashSet(StringComparer.Ordinal);
        return [.. targets.Where(t => !unix.Contains(t) && !t.EndsWith(".dll", StringComparison.Ordinal))]; // the runtime's, as it loads them
    }
}

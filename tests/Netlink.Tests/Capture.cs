using System.Buffers.Binary;
using System.Globalization;

namespace Networking.Netlink.Tests;

/// <summary>Messages captured from other programs and from the kernel, as commented hex text.</summary>
internal static class Capture
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "goldens");

    public static IEnumerable<string> Requests => Names(".request.txt");

    public static IEnumerable<string> Dumps => Names(".dump.txt");

    /// <summary>The one message of a request.</summary>
    public static byte[] Request(string name) => Bytes(name + ".request.txt");

    /// <summary>The messages of a dump.</summary>
    public static List<byte[]> Dump(string name)
    {
        var messages = new List<byte[]>();
        var all = Bytes(name + ".dump.txt").AsSpan();
        while (!all.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(all);
            messages.Add(all[..length].ToArray());
            all = all[((length + 3) & ~3)..];
        }

        return messages;
    }

    private static IEnumerable<string> Names(string suffix) =>
        Directory.GetFiles(Folder, "*" + suffix).Select(path => Path.GetFileName(path)[..^suffix.Length]).Order(StringComparer.Ordinal);

    private static byte[] Bytes(string file) =>
    [
        .. File.ReadLines(Path.Combine(Folder, file))
            .SelectMany(static line => line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(static part => byte.Parse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
    ];
}

using System.Runtime.CompilerServices;

namespace Networking.Netlink.Tests;

/// <summary>Bytes that nft itself sent, kept beside the tests as commented hex.</summary>
internal static class Golden
{
    public static IEnumerable<string> Names() => Directory.EnumerateFiles(Folder(), "nft-*.txt")
        .Select(static path => Path.GetFileNameWithoutExtension(path)["nft-".Length..]).Order(StringComparer.Ordinal);

    public static byte[] Read(string name)
    {
        var digits = File.ReadLines(Path.Combine(Folder(), $"nft-{name}.txt"))
            .SelectMany(static line => line.Split('#')[0]).Where(static c => !char.IsWhiteSpace(c));
        return Convert.FromHexString(string.Concat(digits));
    }

    private static string Folder([CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(file))!, "goldens"); // a source file has a folder
}

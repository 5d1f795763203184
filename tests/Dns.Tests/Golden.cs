using System.Globalization;
using System.Runtime.CompilerServices;

namespace Networking.Dns.Tests;

/// <summary>Messages of other implementations, as hex beside the tests.</summary>
internal static class Golden
{
    /// <summary>Queries as dig 9.18 sends them.</summary>
    public static readonly string[] Queries = ["dig-plain", "dig-edns", "dig-cookie", "dig-reverse", "dig-reverse6", "dig-escaped", "dig-chaos"];

    /// <summary>Answers as dnspython 2.3 writes them.</summary>
    public static readonly string[] Answers =
    [
        "dnspython-addresses", "dnspython-aaaa", "dnspython-cname", "dnspython-nxdomain", "dnspython-srv", "dnspython-ptr",
        "dnspython-txt", "dnspython-referral",
    ];

    public static byte[] Read(string name)
    {
        var lines = File.ReadLines(Path.Combine(Folder(), name + ".txt"));
        return
        [
            .. lines.Select(static l => l.Split('#')[0])
                .SelectMany(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(static b => byte.Parse(b, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        ];
    }

    private static string Folder([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "goldens"); // a file has a folder
}

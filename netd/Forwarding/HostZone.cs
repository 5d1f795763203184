using System.Globalization;

namespace Networking.Netd.Forwarding;

/// <summary>Names of the host's interfaces by their numbers, asked of the kernel each time.</summary>
internal static class HostZone
{
    private const string File = "/proc/thread-self/net/if_inet6"; // address, number, prefix length, scope, flags (in hex), name

    /// <summary>The interface of a zone; null if none of that number has an IPv6 address, which a link-local client's has.</summary>
    public static string? NameOf(long zone) => NameOf(System.IO.File.ReadLines(File), zone);

    /// <summary>The same in given lines.</summary>
    internal static string? NameOf(IEnumerable<string> lines, long zone) => lines
        .Select(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault(f => f.Length == 6 && long.TryParse(f[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) && number == zone)?[5];
}

using System.Collections.Immutable;
using System.Text;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Reads what the kernel says of ports that nobody asks for by number, in the calling thread's namespace.</summary>
internal static class LocalPortFiles
{
    private const string RangePath = "/proc/sys/net/ipv4/ip_local_port_range";
    private const string ReservedPath = "/proc/sys/net/ipv4/ip_local_reserved_ports";
    private const int UsualBytes = 4096;
    private const int WorstBytes = 512 * 1024; // every other port: 32768 times five digits and a comma

    public static LocalPorts Read() => Parse(ReadOnce(RangePath), ReadOnce(ReservedPath));

    /// <summary>Reads <c>32768\t60999</c> and <c>8080,9000-9010</c>; what is not understood counts as not said.</summary>
    public static LocalPorts Parse(string? range, string? reserved)
    {
        var ends = (range ?? string.Empty).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var ports = ends is [var first, var last] && PortRange.TryParse($"{first}-{last}", out var parsed, out _) ? parsed : LocalPorts.Default.Range;
        return new LocalPorts(ports, ParseReserved(reserved ?? string.Empty));
    }

    private static ImmutableArray<PortRange> ParseReserved(string text)
    {
        var ranges = ImmutableArray.CreateBuilder<PortRange>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // The kernel lists them in ascending order and merged. Port 0, which it takes, is nobody's.
            if (PortRange.TryParse(part, out var range, out _))
            {
                ranges.Add(range);
            }
        }

        return ranges.ToImmutable();
    }

    // The kernel gives such a list to the first read alone, so it must fit.
    private static string? ReadOnce(string path) => ReadOnce(path, UsualBytes) ?? ReadOnce(path, WorstBytes);

    private static string? ReadOnce(string path, int bytes)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var buffer = new byte[bytes];
            var length = RandomAccess.Read(file, buffer, 0);
            return length < bytes ? Encoding.ASCII.GetString(buffer, 0, length) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty; // not there, or hidden: then the fallback counts
        }
    }
}

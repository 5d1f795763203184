using System.Globalization;

namespace Networking.Bench;

/// <summary>Memory of a process as the kernel counts it.</summary>
internal static class Resident
{
    /// <summary>VmRSS of a process, in MB of a million bytes.</summary>
    public static double Megabytes(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(static l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kibibytes = double.Parse(line.AsSpan(6, line.Length - 9), CultureInfo.InvariantCulture);
        return Math.Round(kibibytes * 1024 / 1e6, 1);
    }
}

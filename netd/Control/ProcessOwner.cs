using System.Globalization;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Tells a process from a later one with the same number, by its start time.</summary>
internal static class ProcessOwner
{
    private const int StartTimeField = 22; // proc(5): starttime of /proc/PID/stat, counted from 1

    /// <summary>Start of the process in clock ticks since boot; null if there is no such process.</summary>
    public static long? StartTicks(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");

            // The second field is the command in parentheses and may hold anything, also spaces and parentheses.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" || fields[0] == "X" ? null : long.Parse(fields[StartTimeField - 3], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Whether the owning process of a sandbox still runs; true for a sandbox without one.</summary>
    public static bool IsAlive(SandboxRecord sandbox) =>
        sandbox.ProcessId is not { } pid || StartTicks(pid) == sandbox.ProcessStartTicks;
}

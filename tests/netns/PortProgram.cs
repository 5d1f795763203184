using System.Diagnostics;
using System.Globalization;
using Networking.Model;

namespace Networking.Netns.Tests;

/// <summary>Another program that holds a port, until disposed.</summary>
internal sealed record PortProgram(Process Process) : IDisposable
{
    /// <summary>Starts it; returns once the kernel lists its socket.</summary>
    public static async Task<PortProgram> StartAsync(PortProtocol protocol, string address, int port, string? option = null)
    {
        var family = address.Contains(':', StringComparison.Ordinal) ? "6" : "4";
        var kind = protocol == PortProtocol.Udp ? $"UDP{family}-RECV" : $"TCP{family}-LISTEN";
        var bind = family == "6" ? $"[{address}]" : address;
        var more = option is null ? string.Empty : "," + option;
        var program = new PortProgram(Process.Start(new ProcessStartInfo("socat", ["-u", $"{kind}:{port.ToString(CultureInfo.InvariantCulture)},bind={bind}{more}", "STDOUT"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!);
        var list = protocol == PortProtocol.Udp ? "-Hlun" : "-Hltn";
        await Lab.UntilAsync(
            () => Lab.Run("ss", list, "sport", "=", port.ToString(CultureInfo.InvariantCulture)).Length > 0, () => Lab.Run("ss", "-Hlnp"));
        return program;
    }

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }
}

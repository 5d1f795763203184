using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Networking.Durability.Tests;

/// <summary>Pings every ten milliseconds until asked for the result.</summary>
internal sealed partial class PingFlow : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;

    public PingFlow(string ns, string address)
    {
        _process = Tool.Start("nsenter", [$"--net={ns}", "ping", "-q", "-n", "-i", "0.01", "-W", "2", address]);
        _output = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Stops, and tells how many were sent and how many came back.</summary>
    public async Task<(int Sent, int Received)> StopAsync()
    {
        _ = Tool.Run("kill", "-INT", _process.Id.ToString(CultureInfo.InvariantCulture));
        await _process.WaitForExitAsync();
        var summary = Summary().Match(await _output);
        return (int.Parse(summary.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(summary.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    [GeneratedRegex("([0-9]+) packets transmitted, ([0-9]+) received")]
    private static partial Regex Summary();
}

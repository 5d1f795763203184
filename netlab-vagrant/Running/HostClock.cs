using System.Globalization;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Running;

/// <summary>Whether hosts' clocks go as ours does: on one that goes too fast every timeout comes too early, of netd's too.</summary>
internal static class HostClock
{
    private static readonly TimeSpan s_offMax = TimeSpan.FromSeconds(15);

    /// <summary>Asks a host that has been up for a while.</summary>
    /// <exception cref="LabException">Its clock is wrong.</exception>
    public static async Task RequireAsync(LabHost host, CancellationToken cancellationToken)
    {
        var asked = DateTimeOffset.UtcNow;
        var text = await host.RunAsync("date +%s", cancellationToken);
        var told = DateTimeOffset.FromUnixTimeSeconds(long.Parse(text.Trim(), CultureInfo.InvariantCulture));
        var off = Off(asked, told, DateTimeOffset.UtcNow);
        if (off.Duration() > s_offMax)
        {
            throw new LabException(string.Create(
                CultureInfo.InvariantCulture, $"the clock of host {host.Name} is {off.TotalSeconds:0} s off: it goes wrong, and what takes its time there means nothing"));
        }
    }

    /// <summary>By how much a clock is ahead (positive) or behind (negative), if it was read between two moments.</summary>
    public static TimeSpan Off(DateTimeOffset asked, DateTimeOffset told, DateTimeOffset answered) =>
        told > answered ? told - answered : told < asked ? told - asked : TimeSpan.Zero;
}

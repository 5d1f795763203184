using System.Globalization;

namespace Networking.Netlab.Hosts;

/// <summary>
/// A host as scenarios see it, whatever it is made of. On it: the addresses below at the interface $LAN, a second interface
/// $TRUNK at the trunk without any, and netd from its packages.
/// </summary>
internal abstract class LabHost(int number, TimeSpan patience)
{
    /// <summary>1 for the first.</summary>
    public int Number { get; } = number;

    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"h{number}");

    /// <summary>At $LAN, of 10.90.0.0/24.</summary>
    public string Address { get; } = string.Create(CultureInfo.InvariantCulture, $"10.90.0.{number}");

    /// <summary>At $LAN, of fd90::/64.</summary>
    public string Address6 { get; } = string.Create(CultureInfo.InvariantCulture, $"fd90::{number}");

    /// <summary>How long what takes no time may take here.</summary>
    public TimeSpan Patience { get; } = patience;

    /// <summary>The interface at the wire between the hosts, in scripts $LAN.</summary>
    public virtual string Lan => "eth0";

    /// <summary>The interface at the trunk, in scripts $TRUNK.</summary>
    public virtual string Trunk => "eth1";

    /// <summary>Whether who made the host has installed netd there, too.</summary>
    public virtual bool HasNetd => false;

    /// <summary>Runs a script of bash with the words of guest/lib.sh; it stops at the first error.</summary>
    public Task<Output> TryRunAsync(string script, CancellationToken cancellationToken) => ExecuteAsync(
        string.Create(CultureInfo.InvariantCulture, $"export LAB_PATIENCE={(int)Patience.TotalSeconds} LAN={Lan} TRUNK={Trunk}\n{Prelude}\nset -euo pipefail\n. /lab/guest/lib.sh\n{script}\n"),
        cancellationToken);

    /// <summary>Runs a script that must succeed.</summary>
    /// <exception cref="CheckFailedException">It did not; the message has the script and all that it said.</exception>
    public async Task<string> RunAsync(string script, CancellationToken cancellationToken)
    {
        var output = await TryRunAsync(script, cancellationToken);
        return output.IsDone
            ? output.Text
            : throw new CheckFailedException(string.Create(CultureInfo.InvariantCulture, $"{Gist(output.Text)} (on {Name}, code {output.Code})\n{output.Text.Trim()}\n--- of the script\n{script.Trim()}"));
    }

    /// <summary>What a failed script said in the words of guest/lib.sh; else its last line.</summary>
    public static string Gist(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.LastOrDefault(static l => l.StartsWith("must not be: ", StringComparison.Ordinal) || l.StartsWith("not within ", StringComparison.Ordinal))
            ?? lines.LastOrDefault()
            ?? "nothing was said";
    }

    /// <summary>Ends the host as a shutdown does, and starts it again; what its disk holds stays.</summary>
    public abstract Task RebootAsync(CancellationToken cancellationToken);

    /// <summary>Ends the host as a pulled plug does, and starts it again.</summary>
    public abstract Task CutPowerAsync(CancellationToken cancellationToken);

    /// <summary>A script that brings up the interfaces of a machine that has just booted.</summary>
    protected string Cabling =>
        $"""
        ip addr replace {Address}/24 dev {Lan}
        ip addr replace {Address6}/64 dev {Lan} nodad
        ip link set {Lan} up
        ip link set {Trunk} up
        """;

    /// <summary>What is exported before every script.</summary>
    protected virtual string Prelude => string.Empty;

    protected abstract Task<Output> ExecuteAsync(string script, CancellationToken cancellationToken);
}

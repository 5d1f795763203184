using System.Collections.Immutable;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Running;

/// <summary>Captures of every host while a scenario runs, and what the hosts look like when it has failed.</summary>
/// <param name="folder">Where it is kept, a folder for each scenario.</param>
internal sealed class Evidence(string folder)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private const string Begin = """
        if [ -e /run/lab-capture.pid ]; then kill "$(cat /run/lab-capture.pid)" 2>/dev/null || true; fi
        setsid bash -c 'echo $$ >/run/lab-capture.pid; exec tcpdump -n -U -i any -c 20000 -w /run/lab-capture.pcap' >/dev/null 2>&1 </dev/null &
        """;

    // Everything that may explain it; one that fails must not hide the others.
    private const string Look = """
        set +e
        for command in 'netctl diff' 'netctl ls' 'netctl sandbox ls' 'netctl ports' 'netctl doctor' 'netctl events --since 0 --follow=false' \
            'ip -d address' 'ip route' 'ip -6 route' 'bridge link' 'nft list ruleset' 'ss -tulpn' 'service_log' 'dmesg | tail -n 50'; do
            printf '\n=== %s\n' "$command"
            eval "$command" 2>&1
        done
        true
        """;

    public static async Task BeginAsync(ImmutableArray<LabHost> hosts, CancellationToken cancellationToken)
    {
        foreach (var host in hosts)
        {
            _ = await host.TryRunAsync(Begin, cancellationToken);
        }
    }

    /// <summary>Where what is kept of a scenario is.</summary>
    public string Folder(string scenario) => Path.Combine(folder, scenario);

    public async Task KeepAsync(string scenario, ImmutableArray<LabHost> hosts, string? failure, CancellationToken cancellationToken)
    {
        var place = Folder(scenario);
        _ = Directory.CreateDirectory(place);
        await File.WriteAllTextAsync(Path.Combine(place, "failure.txt"), (failure ?? "passed") + "\n", cancellationToken);
        foreach (var host in hosts)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_patience);
            var seen = await host.TryRunAsync(Look, limit.Token);
            await File.WriteAllTextAsync(Path.Combine(place, $"{host.Name}.txt"), seen.Text, cancellationToken);
            var packets = await host.TryRunAsync("base64 -w0 /run/lab-capture.pcap", limit.Token);
            if (packets.IsDone)
            {
                await File.WriteAllBytesAsync(Path.Combine(place, $"{host.Name}.pcap"), Convert.FromBase64String(packets.Text.Trim()), cancellationToken);
            }
        }
    }
}

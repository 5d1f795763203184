using System.Collections.Immutable;
using Networking.Netlab.Hosts;
using Networking.Netlab.Providers;
using Networking.Netlab.Running;

namespace Networking.Netlab.Scenarios;

/// <summary>What a scenario plays on: hosts with netd on them and nothing asked of it yet.</summary>
internal sealed class Stage(ImmutableArray<LabHost> hosts, string folder, TextWriter output, CancellationToken token)
{
    /// <summary>The host that the scenario is about.</summary>
    public LabHost H1 => hosts[0];

    /// <summary>Another one on the same wire: the outside.</summary>
    public LabHost H2 => hosts[1];

    /// <summary>Cancelled when the scenario has taken too long.</summary>
    public CancellationToken Token => token;

    /// <summary>A script on the first host, with $H1 and $H2 as addresses of both.</summary>
    public Task<string> OnH1Async(string script) => OnAsync(H1, script);

    /// <summary>A script on the second host.</summary>
    public Task<string> OnH2Async(string script) => OnAsync(H2, script);

    /// <summary>Says something in the run's output.</summary>
    public Task SayAsync(string line) => output.WriteLineAsync($"      {line}");

    /// <summary>Keeps a text among the results, whether the scenario passes or not.</summary>
    public Task KeepAsync(string file, string text)
    {
        _ = Directory.CreateDirectory(folder);
        return File.WriteAllTextAsync(Path.Combine(folder, file), text, token);
    }

    /// <summary>Pulls the cable of a host out of the switch, or puts it back.</summary>
    public Task PlugAsync(LabHost host, bool isIn) => Switch.PlugAsync(host.Number, isIn, token);

    /// <summary>Ends a host as a shutdown does, starts it again, and watches its interfaces from then on.</summary>
    public async Task RebootAsync(LabHost host)
    {
        await host.RebootAsync(token);
        await Evidence.BeginAsync([host], token);
    }

    /// <summary>The same as a pulled plug does it.</summary>
    public async Task CutPowerAsync(LabHost host)
    {
        await host.CutPowerAsync(token);
        await Evidence.BeginAsync([host], token);
    }

    private Task<string> OnAsync(LabHost host, string script) =>
        host.RunAsync($"H1={H1.Address} H1v6={H1.Address6} H2={H2.Address} H2v6={H2.Address6}\n{script}", token);
}

using System.Collections.Concurrent;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// What stands in the host's iptables after each request of a scenario that nobody has disturbed, by what there is then. A
/// daemon that died on the way must come to the same, to the letter but for names and addresses that are drawn.
/// </summary>
internal sealed class IptablesReference
{
    private readonly ConcurrentDictionary<string, string> _rules = new(StringComparer.Ordinal);

    /// <summary>Waits until the daemon has nothing to do, and remembers what stands then.</summary>
    public async Task KeepAsync(Stage stage, Func<Func<Task<bool>>, string, Task> wait)
    {
        await wait(async () => (await stage.Api.DiffAsync()).Steps.IsEmpty, "the daemon does not settle");
        Keep(stage, await stage.Api.NetworksAsync(), await stage.Api.SandboxesAsync(), KernelSnapshot.Read(stage.NamespacePaths, static p => p));
    }

    /// <summary>Remembers what stands.</summary>
    public void Keep(Stage stage, NetworkDocument[] networks, SandboxDocument[] sandboxes, KernelSnapshot kernel) =>
        _rules[StateOf(stage, networks, sandboxes)] = Rules(stage, networks, sandboxes, kernel);

    /// <summary>What is different from what was remembered; empty if nothing is.</summary>
    public IEnumerable<string> ProblemsOf(Stage stage, NetworkDocument[] networks, SandboxDocument[] sandboxes, KernelSnapshot kernel)
    {
        var state = StateOf(stage, networks, sandboxes);
        if (!_rules.TryGetValue(state, out var expected))
        {
            return [$"iptables: nobody has seen '{state}' before"];
        }

        var (due, found) = (expected.Split('\n'), Rules(stage, networks, sandboxes, kernel).Split('\n'));
        return due.Except(found).Select(static l => $"iptables: missing: {l}")
            .Concat(found.Except(due).Select(static l => $"iptables: not promised: {l}"))
            .Concat(due.Length == found.Length ? [] : [$"iptables: {found.Length} lines where {due.Length} are due"]);
    }

    private static string StateOf(Stage stage, NetworkDocument[] networks, SandboxDocument[] sandboxes) =>
        Scenario.Describe(networks, sandboxes).Replace(stage.Name, "host", StringComparison.Ordinal);

    private static string Rules(Stage stage, NetworkDocument[] networks, SandboxDocument[] sandboxes, KernelSnapshot kernel)
    {
        var lines = kernel.Items
            .Where(i => i.Key.Kind == IptablesItems.Kind && i.Key.Namespace == stage.HostPath)
            .SelectMany(static i => i.Value.Split('\n').Select(rule => $"{i.Key.Name} {rule}"));
        return Drawn(stage, networks, sandboxes)
            .OrderByDescending(static d => d.Value.Length)
            .Aggregate(string.Join('\n', lines), static (text, drawn) => text.Replace(drawn.Value, $"<{drawn.Name}>", StringComparison.Ordinal));
    }

    private static IEnumerable<(string Value, string Name)> Drawn(Stage stage, NetworkDocument[] networks, SandboxDocument[] sandboxes)
    {
        foreach (var network in networks)
        {
            yield return (network.Id[..12], network.Name);
            if (network.Device is { Length: > 0 } device)
            {
                yield return (device, $"{network.Name} device");
            }
        }

        foreach (var endpoint in sandboxes.SelectMany(static s => s.Endpoints))
        {
            var name = $"{endpoint.Network} {endpoint.Sandbox.Replace(stage.Name, "host", StringComparison.Ordinal)}";
            yield return (endpoint.Id[..12], name);
            foreach (var address in new[] { endpoint.Ipv4, endpoint.Ipv6 }.OfType<string>().Select(static a => a.Split('/')[0]))
            {
                yield return (address, $"{name} {(address.Contains(':', StringComparison.Ordinal) ? 6 : 4)}");
            }
        }
    }
}

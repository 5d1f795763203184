using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Which networks a sandbox can be on together: all it likes, but those that it can only be on alone.</summary>
internal static class SandboxCompany
{
    /// <summary>Adds why a sandbox cannot be on a network.</summary>
    public static void Check(NodeState state, NetworkEntry network, SandboxEntry sandbox, ICollection<Problem> problems)
    {
        var (rule, name, isHosts) = (network.Traits.Sandbox, sandbox.Record.Name, sandbox.Record.Namespace.IsHost);
        if (rule == SandboxRule.Host && !isHosts)
        {
            problems.Add(new Problem(
                "sandbox.own",
                "SANDBOX",
                $"sandbox {name} has a network namespace of its own: it cannot be connected to network {network.Name}, or disconnected from it",
                "start it in the host's namespace, then connect it as pid:N"));
        }
        else if (rule != SandboxRule.Host && isHosts)
        {
            problems.Add(new Problem(
                "sandbox.host", "SANDBOX", $"{name} is in the host's own network namespace", "give a sandbox with a namespace of its own"));
        }
        else if (sandbox.Endpoints.Select(e => state.Networks[state.Endpoints[e].NetworkId]).FirstOrDefault(n => rule != SandboxRule.Own || n.Traits.Sandbox != SandboxRule.Own) is { } other)
        {
            var alone = rule == SandboxRule.Own ? other.Name : network.Name;
            problems.Add(new Problem(
                "sandbox.alone",
                "SANDBOX",
                $"sandbox {name} is on network {other.Name}, and a sandbox on network {alone} cannot be connected to anything else",
                $"netctl disconnect {other.Name} {name} first"));
        }
    }
}

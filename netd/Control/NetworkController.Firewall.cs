using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Configuration;
using Networking.Netd.Firewall;

namespace Networking.Netd.Control;

/// <content>Another firewall under what runs.</content>
internal sealed partial class NetworkController
{
    /// <summary>Moves the host's firewall to another backend, with everything that is in it; what is established goes on.</summary>
    public async Task<ChangeDocument> SetFirewallAsync(FirewallRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        if (FirewallChooser.Parse(request.Backend) is not { } wish)
        {
            throw new RefusedException(Refusal.Of(
                400, "firewall.unknown", "backend", $"'{request.Backend}' is no firewall that netd knows", "choose one of auto, nftables, iptables, none"));
        }

        ThrowIfAny([.. PublishedWithout(wish)]);
        var choice = FirewallChooser.Choose(wish, await features.FirewallAsync(wish == FirewallWish.Iptables, cancellationToken), out var problem)
            ?? throw new RefusedException(Refusal.Of(409, "firewall.missing", "backend", problem!, "netctl firewall auto takes what is there")); // one of the two is given
        var command = new SetFirewall(choice, await ForeignForwarding.ReadAsync(features, host, choice, State.AsksForeignChains, cancellationToken));
        ImmutableArray<string> warnings =
        [
            .. choice.Warning is { } warning ? [warning] : ImmutableArray<string>.Empty,
            .. await UserRules.NotAskedByAsync(choice, features, cancellationToken) is { } rules ? [rules] : ImmutableArray<string>.Empty,
            $"this holds until netd is started again: set \"firewall\": \"{request.Backend}\" in its configuration to keep it",
        ];
        if (options.IsDryRun)
        {
            return await DryRunAsync(command, _ => (choice.Word, choice.Word), cancellationToken, _ => warnings);
        }

        var before = State.Firewall;
        var committed = await actor.SubmitAsync(command, CancellationToken.None);
        if (committed.Result)
        {
            events.Add("firewall.changed", choice.Word, choice.Word, $"the host's firewall is {choice}; before it was {before.Word}");
        }

        var status = await WaitAsync(committed, ScopeId.Node, options, cancellationToken);
        return new ChangeDocument { Id = choice.Word, Name = choice.Word, Status = status, Warnings = warnings };
    }

    // A port that only the kernel can translate would be open in name alone.
    private IEnumerable<Problem> PublishedWithout(FirewallWish wish) => wish == FirewallWish.None && State.Endpoints.Values.Any(static e => !e.Ports.IsEmpty)
        ? [new Problem(
            "firewall.ports",
            "backend",
            $"{State.Endpoints.Values.Count(static e => !e.Ports.IsEmpty)} endpoints have published ports, which need a firewall of netd's",
            "take them back with netctl update NETWORK SANDBOX --unpublish PORT first")]
        : [];

    private static bool MayPublish(NodeState state, List<Problem> problems)
    {
        if (state.Firewall.Backend != FirewallBackend.None)
        {
            return true;
        }

        problems.Add(new Problem(
            "firewall.none",
            "--publish",
            "netd runs without a firewall (--firewall none), and a port is published by translating packets",
            "leave --publish out and translate by other means, or netctl firewall auto"));
        return false;
    }

    private ImmutableArray<string> FirewallWarnings(NetworkSpec spec) =>
        State.Firewall.Backend == FirewallBackend.None && NetworkDrivers.TraitsOf(spec).IsRoutedByHost
            ? [$"netd runs without a firewall (--firewall none): nothing keeps network {spec.Name} apart from others, translates its addresses, or guards the host from it"]
            : [];
}

using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Ports;

/// <summary>The claims of one request on their way: what is kept so far, and how to give it back.</summary>
internal sealed class PortClaiming(NodeState state, ForeignPorts foreign, PortHolding holding, Func<LocalPorts> readLocalPorts)
{
    private const int ToldMax = 16;

    private readonly List<PortGrant> _grants = [];

    /// <summary>Adds ports whose every number is given.</summary>
    public void Add(IEnumerable<PortGrant> grants) => _grants.AddRange(grants);

    /// <summary>Keeps everything that was added, or adds a problem for each port that cannot be had.</summary>
    public void TakeFixed(List<Problem> problems)
    {
        PortConflicts.CheckAmong(_grants, problems);
        PortConflicts.Check(state, [.. _grants], problems);
        problems.AddRange(_grants
            .Where(static g => g.Binding.Path != PortPath.Direct)
            .Select(g => (Grant: g, Rule: foreign.Holder(g)))
            .Where(static c => c.Rule is not null)
            .Take(ToldMax)
            .Select(static c => new Problem(
                "port.taken", "--publish", $"host port {c.Grant} is translated by a rule of others, {c.Rule}", "remove that rule, or choose another host port")));

        // The others are tried all the same, so that everything that is wrong is told at once.
        _ = _grants.RemoveAll(g => g.Binding.Path != PortPath.Direct && state.HostPorts.Holder(g.Protocol, g.Binding.HostAddress, g.HostPorts) is not null);
        var refusals = holding.Take(_grants, problems);
        Tell(refusals, problems);
    }

    /// <summary>Keeps free numbers for the target ports of a wish that leaves them open: consecutive ones for a range.</summary>
    public void TakeAny(PortWish wish, DynamicPorts dynamic, List<Problem> problems)
    {
        var count = wish.Spec.Target.Count;
        var before = problems.Count;
        var choice = wish.Spec.Published is { } range
            ? DynamicPorts.ChooseOneOf(range, ports => TryTake(wish, ports, problems))
            : dynamic.Choose(readLocalPorts(), count, ports => TryTake(wish, ports, problems));
        if (choice.End != PortChoiceEnd.Chosen && problems.Count == before)
        {
            var among = wish.Spec.Published?.ToString() ?? $"the local port range {readLocalPorts().Range}";
            problems.Add(new Problem(
                "publish.exhausted",
                "--publish",
                choice.End == PortChoiceEnd.RefusedTooOften
                    ? $"no host port was found for {wish.Spec}: {choice.Refusals} of {among} were tried and are in use by others"
                    : $"no host port is free for {wish.Spec}: all of {among} are taken or reserved",
                "netctl ports shows ours, ss -lntu those of others; give another host port"));
        }
    }

    /// <summary>Everything kept, for the endpoint that was granted it.</summary>
    public ClaimedPorts ToClaimed() => new([.. _grants], holding.Reservations, [.. holding.Warnings]);

    /// <summary>Gives everything back.</summary>
    public void GiveBack() => holding.GiveBack();

    private (PortTrial Trial, int Port) TryTake(PortWish wish, PortRange ports, List<Problem> problems)
    {
        var grants = wish.Chosen(ports).ToList();
        if (grants.Where(static g => g.Binding.Path != PortPath.Direct).Select(Granted).OfType<PortRange>().ToArray() is { Length: > 0 } granted)
        {
            return (PortTrial.Granted, Math.Min(granted.Max(static g => g.Last), ports.Last));
        }

        var before = problems.Count;
        var refusals = holding.Take(grants, problems);
        if (problems.Count > before)
        {
            return (PortTrial.Hopeless, ports.Last);
        }

        if (refusals.IsEmpty)
        {
            _grants.AddRange(grants);
            return (PortTrial.Taken, ports.Last);
        }

        if (refusals.All(static r => r.Reason == PortRefusalReason.Taken))
        {
            return (PortTrial.Refused, refusals.Max(static r => r.Claim.Port));
        }

        Tell(refusals, problems);
        return (PortTrial.Hopeless, ports.Last);
    }

    // Granted before or by this very request, or translated by somebody else.
    private PortRange? Granted(PortGrant grant) =>
        state.HostPorts.Holder(grant.Protocol, grant.Binding.HostAddress, grant.HostPorts)?.Ports
        ?? foreign.Holder(grant)?.Ports
        ?? _grants.Find(g => g.Protocol == grant.Protocol && g.Binding.HostAddress.Equals(grant.Binding.HostAddress) && g.HostPorts.Overlaps(grant.HostPorts))?.HostPorts;

    private static void Tell(ImmutableArray<PortRefusal> refusals, List<Problem> problems)
    {
        foreach (var refusal in refusals.Take(ToldMax))
        {
            var claim = refusal.Claim;
            var port = PortText.Of(claim.Address, claim.Port, claim.Protocol);
            problems.Add(refusal.Reason switch
            {
                PortRefusalReason.Taken when refusal.Holder?.ProcessId == Environment.ProcessId => new Problem(
                    "port.taken",
                    "--publish",
                    $"host port {port} is kept by netd, for a port of that number at {PortText.Of(refusal.Holder.Address, refusal.Holder.Port, claim.Protocol)}",
                    "one at all addresses and one at a single address exclude each other: --unpublish that one, and --publish this one in another request"),
                PortRefusalReason.Taken => new Problem(
                    "port.taken",
                    "--publish",
                    $"host port {port} is in use by {refusal.Holder?.Who ?? "a socket that could not be found"}",
                    "stop it, choose another host port, or leave it out for a free one"),
                PortRefusalReason.NoSuchAddress => new Problem(
                    "publish.address",
                    "--publish",
                    $"host port {port}: {claim.Address} is not an address of this host",
                    "ip address shows those it has; leave the address out for all of them"),
                _ => new Problem("publish.refused", "--publish", $"host port {port}: {refusal.Error}", "choose another host port; netctl doctor checks this host"),
            });
        }

        if (refusals.Length > ToldMax)
        {
            problems.Add(new Problem("port.taken", "--publish", $"and {refusals.Length - ToldMax} more host ports cannot be had", "netctl ports shows ours, ss -lntu those of others"));
        }
    }
}

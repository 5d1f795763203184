using System.Collections.Immutable;
using System.Globalization;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Ports;

/// <summary>The claims of one request on their way: what is kept so far, and how to give it back.</summary>
internal sealed class PortClaiming(IHostPorts host, int socketsMax, NodeState state, ForeignPorts foreign, Predicate<PortClaim> isKept)
{
    private const int ToldMax = 16;

    private readonly List<PortGrant> _grants = [];
    private readonly List<IPortReservation> _reservations = [];
    private readonly SortedSet<string> _warnings = new(StringComparer.Ordinal);
    private readonly HashSet<PortProtocol> _unreservable = [];

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
        ImmutableArray<PortRefusal> refusals;
        do
        {
            var claims = ClaimsOf(_grants).ToImmutableArray();
            if (claims.Length > socketsMax)
            {
                refusals = host.Check(claims);
                _ = _warnings.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{claims.Length} host ports are more than the {socketsMax} that are reserved by sockets: they were checked against the sockets there are, and a process that binds one later is not refused"));
            }
            else
            {
                (var reservations, refusals) = host.Reserve(claims);
                _reservations.AddRange(reservations);
            }
        }
        while (DropWhatMayBeLeftOut(_grants, refusals));
        Tell(refusals, problems);
    }

    /// <summary>Keeps free numbers for the target ports of a wish that leaves them open: consecutive ones for a range.</summary>
    public void TakeAny(PortWish wish, DynamicPorts dynamic, List<Problem> problems)
    {
        var count = wish.Spec.Target.Count;
        if (_reservations.Count + (count * wish.Bindings.Length) > socketsMax)
        {
            problems.Add(new Problem(
                "publish.too-many",
                "--publish",
                $"{wish.Spec} would choose more host ports than the {socketsMax} that one request may reserve",
                "give the host ports, or publish in several requests"));
            return;
        }

        var before = problems.Count;
        var choice = wish.Spec.Published is { } range
            ? DynamicPorts.ChooseOneOf(range, ports => TryTake(wish, ports, problems))
            : dynamic.Choose(host.ReadLocalPorts(), count, ports => TryTake(wish, ports, problems));
        if (choice.End != PortChoiceEnd.Chosen && problems.Count == before)
        {
            var among = wish.Spec.Published?.ToString() ?? $"the local port range {host.ReadLocalPorts().Range}";
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
    public ClaimedPorts ToClaimed() => new([.. _grants], [.. _reservations], [.. _warnings]);

    /// <summary>Gives everything back.</summary>
    public void GiveBack()
    {
        _reservations.ForEach(static r => r.Dispose());
        _reservations.Clear();
    }

    private (PortTrial Trial, int Port) TryTake(PortWish wish, PortRange ports, List<Problem> problems)
    {
        var grants = wish.Chosen(ports).ToList();
        if (grants.Where(static g => g.Binding.Path != PortPath.Direct).Select(Granted).OfType<PortRange>().ToArray() is { Length: > 0 } granted)
        {
            return (PortTrial.Granted, Math.Min(granted.Max(static g => g.Last), ports.Last));
        }

        ImmutableArray<PortRefusal> refusals;
        do
        {
            (var reservations, refusals) = host.Reserve([.. ClaimsOf(grants)]);
            _reservations.AddRange(reservations);
        }
        while (DropWhatMayBeLeftOut(grants, refusals));
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

    private IEnumerable<PortClaim> ClaimsOf(IEnumerable<PortGrant> grants) =>
        from grant in grants
        where grant.Binding.Path != PortPath.Direct && !_unreservable.Contains(grant.Protocol)
        from port in Enumerable.Range(grant.HostPorts.First, grant.HostPorts.Count)
        let claim = new PortClaim(grant.Protocol, grant.Binding.HostAddress, port, grant.Binding.Path == PortPath.Forwarder)
        where !isKept(claim)
        select claim;

    // An address that nobody named, of a family this host lacks, is left out. A protocol without sockets here is only counted:
    // the kernel still translates it. True if trying again may go further.
    private bool DropWhatMayBeLeftOut(List<PortGrant> grants, ImmutableArray<PortRefusal> refusals)
    {
        var lacksProtocol = refusals
            .Where(static r => r.Reason == PortRefusalReason.NoSuchProtocol)
            .Select(static r => r.Claim.Protocol)
            .ToHashSet();
        foreach (var protocol in lacksProtocol.Where(_unreservable.Add))
        {
            _ = _warnings.Add($"this kernel has no {protocol.Word()} sockets, so no socket keeps these host ports from other processes");
        }

        var lacksFamily = refusals
            .Where(static r => r.Reason is PortRefusalReason.NoSuchAddress or PortRefusalReason.NoSuchFamily)
            .Select(static r => r.Claim.Address)
            .ToHashSet();
        var left = grants.RemoveAll(g => g.Binding.IsImplied && lacksFamily.Contains(g.Binding.HostAddress));
        return (left > 0 && grants.Count > 0) || lacksProtocol.Count > 0;
    }

    private static void Tell(ImmutableArray<PortRefusal> refusals, List<Problem> problems)
    {
        foreach (var refusal in refusals.Take(ToldMax))
        {
            var claim = refusal.Claim;
            var port = PortText.Of(claim.Address, claim.Port, claim.Protocol);
            problems.Add(refusal.Reason switch
            {
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
                _ => new Problem("publish.refused", "--publish", $"host port {port}: {refusal.Error}", null),
            });
        }

        if (refusals.Length > ToldMax)
        {
            problems.Add(new Problem("port.taken", "--publish", $"and {refusals.Length - ToldMax} more host ports cannot be had", null));
        }
    }
}

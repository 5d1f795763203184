using System.Collections.Immutable;
using System.Globalization;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>
/// Gets the host ports of one request. What netd serves by itself is always bound: there the socket is the service. What the
/// kernel translates is bound to keep others away from it, or, where a request has too much, looked up in the kernel's list of sockets.
/// </summary>
internal sealed class PortHolding(IHostPorts host, PortLimits limits, Predicate<PortClaim> isKept)
{
    private readonly List<IPortReservation> _reservations = [];
    private readonly SortedSet<string> _warnings = new(StringComparer.Ordinal);
    private readonly HashSet<PortProtocol> _unreservable = [];
    private readonly HashSet<(PortProtocol Protocol, int Port)> _ports = []; // had so far
    private readonly HashSet<string> _checked = new(StringComparer.Ordinal); // addresses that nothing was bound at
    private bool _lacksSockets;
    private int _served;

    /// <summary>The sockets that keep what was had.</summary>
    public ImmutableArray<IPortReservation> Reservations => [.. _reservations];

    /// <summary>What the user should know about it.</summary>
    public IEnumerable<string> Warnings => _checked.Count == 0 ? _warnings : _warnings.Append(string.Create(
        CultureInfo.InvariantCulture,
        $"{(_lacksSockets ? "netd has no sockets left to keep" : $"{_ports.Count} host ports are more than the {PortLimits.KeptMax} that sockets keep in one request:")} those at {string.Join(" and ", _checked.Order(StringComparer.Ordinal))} were checked against the sockets there are, and a process that binds one later is not refused"));

    /// <summary>Gives everything back.</summary>
    public void GiveBack()
    {
        _reservations.ForEach(static r => r.Dispose());
        _reservations.Clear();
    }

    /// <summary>
    /// Has all of the ports, or none and says why. Those that may be left out are taken from the list, and each is marked if no
    /// socket keeps it.
    /// </summary>
    /// <param name="grants">What is wanted; afterwards, what is had.</param>
    /// <param name="problems">Takes what is beyond a limit and cannot be left out.</param>
    public ImmutableArray<PortRefusal> Take(List<PortGrant> grants, List<Problem> problems)
    {
        var warnings = new List<(PortGrant? About, string Text)>(); // one about a grant holds as long as it is there
        ImmutableArray<PortRefusal> refusals;
        do
        {
            LimitServed(grants, warnings, problems);
            refusals = Try(grants);
        }
        while (DropWhatMayBeLeftOut(grants, refusals));
        if (refusals.IsEmpty)
        {
            _warnings.UnionWith(warnings.Where(w => w.About is null || grants.Contains(w.About)).Select(static w => w.Text));
            _ports.UnionWith(NumbersOf(grants));
            _checked.UnionWith(grants.Where(g => g.IsOnlyChecked && IsReservable(g)).Select(static g => g.Binding.HostAddress.ToString()));
        }

        return refusals;
    }

    // The largest are left out first, so that as many as can be are served.
    private void LimitServed(List<PortGrant> grants, List<(PortGrant? About, string Text)> warnings, List<Problem> problems)
    {
        var most = Math.Min(PortLimits.ServedMax - _served, limits.SocketsLeft - _reservations.Count);
        foreach (var grant in grants.Where(static g => IsServed(g) && !g.IsOnlyChecked).OrderBy(static g => g.HostPorts.Count).ToArray())
        {
            var sockets = grant.Claims().Count(c => !isKept(c));
            if (sockets <= most)
            {
                most -= sockets;
                continue;
            }

            var cause = sockets <= PortLimits.ServedMax - _served && limits.SocketsLeft < PortLimits.ServedMax
                ? $"netd has no sockets left to serve {Count(grant)} ports with (half of LimitNOFILE are for ports)"
                : string.Create(CultureInfo.InvariantCulture, $"netd serves at most {PortLimits.ServedMax} ports of one request by itself");
            LeaveOut(grants, grant, cause, warnings, problems);
        }
    }

    private static void LeaveOut(List<PortGrant> grants, PortGrant grant, string cause, List<(PortGrant? About, string Text)> warnings, List<Problem> problems)
    {
        var index = grants.IndexOf(grant);
        if (!PortService.IsAll(grant.Protocol, grant.Binding.Path, grant.Binding.HostAddress))
        {
            grants[index] = grant with { IsOnlyChecked = true };
            warnings.Add((grants[index], $"host ports {grant} are not reached from ::1: {cause}; use 127.0.0.1, or publish fewer in each of several requests"));
            return;
        }

        grants.RemoveAt(index);
        if (grant.Binding.IsImplied)
        {
            var (client, target) = grant.Binding.IsTargetIpv6 ? ("IPv4", "IPv6") : ("IPv6", "IPv4");
            warnings.Add((null, $"host ports {grant} are left out, so no {client} client reaches them: the network has {target} alone, and {cause}; give the network {client}, or publish fewer in each of several requests"));
            return;
        }

        problems.Add(new Problem(
            "publish.too-many", "--publish", $"host ports {grant} cannot be served: {cause}", "publish fewer in each of several requests, or on a network of that family"));
    }

    // Marks what is looked up only, binds the rest.
    private ImmutableArray<PortRefusal> Try(List<PortGrant> grants)
    {
        var bindable = grants.Where(IsReservable).Sum(g => g.Claims().Count(c => !isKept(c)));
        var isKeepable = _ports.Count + NumbersOf(grants).Distinct().Count(n => !_ports.Contains(n)) <= PortLimits.KeptMax;
        _lacksSockets |= isKeepable && bindable > limits.SocketsLeft - _reservations.Count;
        var keepsAll = isKeepable && !_lacksSockets;
        for (var i = 0; i < grants.Count; i++)
        {
            grants[i] = grants[i] with { IsOnlyChecked = grants[i].TakesHostPorts && IsOnlyChecked(grants[i], keepsAll) };
        }

        var refusals = LookUp(ClaimsOf(grants, isOnlyChecked: true));
        var (reservations, refused) = host.Reserve(ClaimsOf(grants, isOnlyChecked: false));
        if (!refusals.IsEmpty)
        {
            foreach (var reservation in reservations)
            {
                reservation.Dispose();
            }

            reservations = [];
        }

        _reservations.AddRange(reservations);
        _served += reservations.IsEmpty ? 0 : grants.Where(static g => IsServed(g) && !g.IsOnlyChecked).Sum(static g => g.HostPorts.Count);
        return [.. refused, .. refusals];
    }

    private bool IsOnlyChecked(PortGrant grant, bool keepsAll) => !IsReservable(grant)
        || ((grant.IsOnlyChecked || (!keepsAll && !IsServed(grant))) && !grant.Claims().All(c => isKept(c)));

    // Whether there are the address, its family and the protocol at all is not in the list of sockets: one port of each is tried.
    private ImmutableArray<PortRefusal> LookUp(ImmutableArray<PortClaim> claims)
    {
        if (claims.IsEmpty)
        {
            return [];
        }

        var (reservations, refusals) = host.Reserve([.. claims.DistinctBy(static c => (c.Protocol, c.Address))]);
        foreach (var reservation in reservations)
        {
            reservation.Dispose();
        }

        var lacking = refusals.Where(static r => r.Reason != PortRefusalReason.Taken).ToImmutableArray();
        return [.. lacking, .. host.Check([.. claims.Where(c => !lacking.Any(l => l.Claim.Protocol == c.Protocol && l.Claim.Address.Equals(c.Address)))])];
    }

    private ImmutableArray<PortClaim> ClaimsOf(IEnumerable<PortGrant> grants, bool isOnlyChecked) =>
        [.. grants.Where(g => g.IsOnlyChecked == isOnlyChecked && IsReservable(g)).SelectMany(static g => g.Claims()).Where(c => !isKept(c))];

    private bool IsReservable(PortGrant grant) => !_unreservable.Contains(grant.Protocol);

    private static bool IsServed(PortGrant grant) => PortService.IsNeeded(grant.Protocol, grant.Binding.Path, grant.Binding.HostAddress);

    private static IEnumerable<(PortProtocol Protocol, int Port)> NumbersOf(IEnumerable<PortGrant> grants) =>
        grants.Where(static g => g.TakesHostPorts).SelectMany(static g => Enumerable.Range(g.HostPorts.First, g.HostPorts.Count).Select(n => (g.Protocol, n)));

    private static string Count(PortGrant grant) => grant.HostPorts.Count.ToString(CultureInfo.InvariantCulture);

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
}

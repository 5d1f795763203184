using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Ports;

/// <summary>Host ports kept for an endpoint that is about to be committed.</summary>
/// <param name="Grants">What is granted.</param>
/// <param name="Reservations">The sockets that keep them; disposed if the endpoint is refused.</param>
/// <param name="Warnings">What the user should know although the ports were granted.</param>
internal sealed record ClaimedPorts(ImmutableArray<PortGrant> Grants, ImmutableArray<IPortReservation> Reservations, ImmutableArray<string> Warnings)
{
    public static ClaimedPorts None { get; } = new([], [], []);

    /// <summary>Gives the sockets back.</summary>
    public void GiveBack()
    {
        foreach (var reservation in Reservations)
        {
            reservation.Dispose();
        }
    }
}

/// <summary>
/// Claims host ports for an endpoint, before the actor grants them: a bound socket is what keeps a port from every other
/// process, and from a request that runs beside this one. Ports that people chose come first, so that a number chosen here
/// never takes one of them.
/// </summary>
/// <param name="host">Ports of the host.</param>
/// <param name="defaultExposure">Who may reach ports where neither port nor network says so.</param>
/// <param name="socketsLeft">How many more sockets netd may spend on ports; null for any number.</param>
internal sealed class PortClerk(IHostPorts host, PortExposure defaultExposure, Func<int>? socketsLeft = null)
{
    private readonly Lock _choosing = new(); // guards _dynamic: numbers are chosen by one request at a time
    private readonly DynamicPorts _dynamic = new();

    /// <summary>Claims what is asked; on problems nothing stays bound.</summary>
    /// <param name="state">What is granted.</param>
    /// <param name="network">The endpoint's network.</param>
    /// <param name="spec">What is asked.</param>
    /// <param name="foreign">What others translate.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="isKept">Whether a socket of the same endpoint keeps a port already; null if it has none yet.</param>
    public ClaimedPorts Claim(
        NodeState state,
        NetworkRecord network,
        EndpointSpec spec,
        ForeignPorts foreign,
        List<Problem> problems,
        Predicate<PortClaim>? isKept = null)
    {
        if (spec.Publish.IsEmpty || !MayPublish(network, problems))
        {
            return ClaimedPorts.None;
        }

        var options = BridgeOptions.Of(network.Spec);
        var wishes = spec.Publish
            .Select(p => new PortWish(p, [.. PortBinding.Of(network, options, p, problems)], p.Exposure ?? options.Exposure ?? defaultExposure))
            .Where(static w => w.Bindings.Length > 0)
            .ToArray();
        var claim = new PortClaiming(state, foreign, new PortHolding(host, new PortLimits(socketsLeft?.Invoke() ?? int.MaxValue), isKept ?? (static _ => false)), host.ReadLocalPorts);
        try
        {
            Take(claim, wishes, problems);
        }
        catch
        {
            claim.GiveBack(); // the kernel did not answer, and nobody else knows of what was bound
            throw;
        }

        if (problems.Count > 0)
        {
            claim.GiveBack();
            return ClaimedPorts.None;
        }

        return claim.ToClaimed();
    }

    private void Take(PortClaiming claim, PortWish[] wishes, List<Problem> problems)
    {
        foreach (var wish in wishes.Where(static w => w.IsFixed))
        {
            claim.Add(wish.Fixed());
        }

        claim.TakeFixed(problems);
        foreach (var wish in wishes.Where(static w => !w.IsFixed)) // also after a problem, so that everything that is wrong is told at once
        {
            lock (_choosing)
            {
                claim.TakeAny(wish, _dynamic, problems);
            }
        }
    }

    private static bool MayPublish(NetworkRecord network, List<Problem> problems)
    {
        if (!network.Spec.Internal)
        {
            return true;
        }

        problems.Add(new Problem(
            "publish.internal",
            "--publish",
            $"network {network.Spec.Name} is internal: nothing comes in, so no port can be published on it",
            "publish on another network of the sandbox, or create one without --internal"));
        return false;
    }
}

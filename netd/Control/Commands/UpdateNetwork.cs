using System.Collections.Immutable;
using System.Net;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Ipam;

namespace Networking.Netd.Control;

/// <summary>
/// Changes a network under its endpoints. What stands is changed in place: the reconciler gets the difference as a plan, and
/// the plan back is that of the undo.
/// </summary>
/// <param name="Reference">The network as the user called it.</param>
/// <param name="Edit">What shall be different.</param>
/// <param name="Facts">The host as it was read just before.</param>
/// <param name="Resolvers">Addresses of the host's name servers.</param>
/// <param name="Now">Moment of the request.</param>
internal sealed record UpdateNetwork(
    string Reference,
    NetworkEdit Edit,
    HostFacts Facts,
    IReadOnlyList<IPAddress> Resolvers,
    DateTimeOffset Now) : IIntentCommand<UpdatedNetwork>
{
    // Read out of the facts before the command is submitted: a host may have very many routes.
    private readonly HostObstacles _obstacles = HostObstacles.Of(Facts, Resolvers);

    public Durability Durability => Durability.Disk;

    /// <summary>What is wrong with the request already; with anything, the rest is judged and nothing is granted.</summary>
    public Mistakes Mistakes { get; init; } = Mistakes.None;

    public Decision<UpdatedNetwork> Decide(NodeState state)
    {
        if (Lookup.Network(state, Reference, out var refusal) is not { } network)
        {
            return Decision<UpdatedNetwork>.Refused(Refusal.Of(Mistakes, refusal!.Problems)); // not found always says why
        }

        if (network.Traits.IsPredefined)
        {
            return Decision<UpdatedNetwork>.Refused(Refusal.Of(
                Mistakes, [new Problem("network.predefined", null, $"network {network.Name} is predefined and cannot be changed", "create a network of your own")]));
        }

        var (record, driver) = (network.Record, NetworkDrivers.Of(network.Record.Spec));
        var endpoints = network.EndpointNames.Values.Select(id => state.Endpoints[id]).OrderBy(static e => e.Created).ToImmutableArray();
        var problems = new List<Problem>();
        var spec = Edit.Apply(record, driver, problems);
        problems.AddRange(driver.Validate(spec).Problems);
        var mistakes = Mistakes with { Own = Mistakes.Own.AddRange(problems) };
        problems.Clear();
        spec = mistakes.IsEmpty ? spec : Understood(record, driver, spec);
        var verdict = driver.JudgeChange(record, endpoints, spec);
        var traits = driver.TraitsOf(spec);
        var claimed = mistakes.IsEmpty ? spec : NetworkDrivers.Claimable(spec, mistakes.AreAboutSubnets);
        var claim = new SubnetClaim(claimed, traits, state.Subnets, _obstacles.Beside(state.SubnetsOn), segment: null);
        var families = new FamilyChange(state, network, endpoints, claimed, claim, Now);
        problems.AddRange(verdict.Problems);
        families.Apply(problems);
        return problems.Count > 0 || !mistakes.IsEmpty
            ? Decision<UpdatedNetwork>.Refused(Refusal.Of(mistakes, problems))
            : Granted(state, network, spec, traits, verdict, families);
    }

    // With what cannot be read left as it was, so that it is not taken for something else that is asked.
    private NetworkSpec Understood(NetworkRecord record, INetworkDriver driver, NetworkSpec spec)
    {
        var unread = spec.Options.Keys.Except(NetworkDrivers.Readable(spec).Options.Keys).ToArray();
        var told = new List<Problem>(); // by the edit as a whole
        return NetworkDrivers.Readable((Edit with { Options = Edit.Options.RemoveRange(unread) }).Apply(record, driver, told));
    }

    private Decision<UpdatedNetwork> Granted(
        NodeState state, NetworkEntry network, NetworkSpec spec, NetworkTraits traits, NetworkVerdict verdict, FamilyChange families)
    {
        var before = network.Record;

        // What changes nothing leaves the last change to be undone.
        var previous = spec.Equals(before.Spec) ? before.Previous : before.Spec;
        var record = before with { Spec = spec, Previous = previous, Ipv4 = families.Ipv4, Ipv6 = families.Ipv6 };
        var next = families.State with
        {
            Revision = state.Revision + 1,
            Networks = families.State.Networks.SetItem(before.Id, families.State.Networks[before.Id] with { Record = record, Traits = traits }),
            Forwarding4 = state.Forwarding4 + Count(HostSysctls.NeedsForwarding4(record, traits)) - Count(HostSysctls.NeedsForwarding4(before, network.Traits)),
            Forwarding6 = state.Forwarding6 + Count(HostSysctls.NeedsForwarding6(record, traits)) - Count(HostSysctls.NeedsForwarding6(before, network.Traits)),
        };
        next = RemoveNetwork.WithOwed(next, before, network.Traits);
        next = next with { Node = HostSysctls.Remember(next, Facts, HostSysctls.OfAdopted(record, traits)) };
        var reached = verdict.ReachesEndpoints ? families.Endpoints : [];
        var asksOthers = spec.Dns.Equals(before.Spec.Dns) ? [] : families.Endpoints;
        return Decision<UpdatedNetwork>.Granted(
            next,
            new StoreChange
            {
                Networks = [record],
                Endpoints = families.Changed,
                Node = ReferenceEquals(next.Node, state.Node) ? null : next.Node,
            },
            new Touched
            {
                Node = CreateNetwork.NodeChanged(state, next),
                Networks = [record.Id],
                Sandboxes = [.. (families.Changed.IsEmpty ? [] : reached).Concat(asksOthers).Select(static e => e.SandboxId).Distinct()],
                Endpoints = [.. reached.Select(static e => e.Id)],
            },
            new UpdatedNetwork(record, [.. verdict.Warnings, .. families.Warnings]));
    }

    private static int Count(bool isNeeded) => isNeeded ? 1 : 0;
}

/// <summary>What was granted.</summary>
/// <param name="Network">The network as committed.</param>
/// <param name="Warnings">What the user should know of it.</param>
internal sealed record UpdatedNetwork(NetworkRecord Network, ImmutableArray<string> Warnings);

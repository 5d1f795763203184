using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// A network on the segment of one of the host's interfaces: each endpoint is a macvlan device on that parent, with a
/// hardware address of its own, as if it were a machine on the same cable.
/// </summary>
/// <remarks>
/// From the packet's point of view: it leaves the sandbox by its interface, and the kernel sends it out of the parent at
/// once; no bridge, no route, no firewall of the host is in between, and nothing is translated. What comes in by the parent
/// goes to the endpoint with that hardware address. To another endpoint of the parent it goes directly in mode bridge, by
/// way of the switch outside in mode vepa, and not at all in mode private. Between the parent itself and its endpoints the
/// kernel passes nothing: the host reaches them by a shim, one more macvlan device, which the host keeps to itself.
/// </remarks>
public sealed class MacvlanDriver : INetworkDriver
{
    /// <inheritdoc/>
    public string Name => "macvlan";

    /// <inheritdoc/>
    public ValidationResult Validate(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var problems = ImmutableArray.CreateBuilder<Problem>();
        NetworkRules.Check(spec, problems);
        var options = MacvlanOptions.Parse(spec.Options, problems);
        MtuRules.Check(spec, options.MtuBytes, problems);
        if (options is { HasHostShim: true, Mode: not MacvlanMode.Bridge })
        {
            problems.Add(new Problem(
                "option.conflict",
                "-o host-shim",
                $"the host's shim reaches endpoints in mode bridge only, and mode {options.Mode.ToString().ToLowerInvariant()} is asked for",
                "leave it out, or choose macvlan_mode=bridge"));
        }

        return new ValidationResult(problems.ToImmutable());
    }

    /// <inheritdoc/>
    public HostVerdict JudgeHost(NetworkSpec spec, HostFacts host)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(host);
        var wrong = new List<Problem>(); // told by Validate
        var options = MacvlanOptions.Parse(spec.Options, wrong);
        return MacvlanHostRules.Judge(spec, options, host);
    }

    /// <inheritdoc/>
    public NetworkTraits TraitsOf(NetworkSpec spec)
    {
        var options = MacvlanOptions.Of(spec);
        var isAlone = options.Mode == MacvlanMode.Passthru;
        return new NetworkTraits
        {
            IsInternal = options.Parent is null,
            PortsAreDiscarded = "sandboxes on a macvlan network are reached at their own addresses, and no port of the host leads there",
            DevicePrefix = options.Parent is null ? "dm-" : null,
            Parent = options.Parent is { } parent ? new ParentNeed(parent, isAlone) : null,
            Gateway4 = GatewayRule.Outside,
            Gateway6 = GatewayRule.Outside,
            HasHostShim = options.HasHostShim,
            InterfacePrefix = options.InterfacePrefix,
            HasParentMac = isAlone && options.Parent is not null,
            EndpointsMax = isAlone ? 1 : int.MaxValue,
            EndpointsLimit = isAlone ? "the most that mode passthru allows" : string.Empty,
        };
    }

    /// <inheritdoc/>
    public ValidationResult Validate(NetworkSpec network, EndpointSpec endpoint)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endpoint);
        var problems = ImmutableArray.CreateBuilder<Problem>();
        EndpointRules.Check(network, endpoint, problems);
        if (endpoint.Mac is { } mac && MacvlanOptions.Of(network) is { Mode: MacvlanMode.Passthru, Parent: { } parent })
        {
            problems.Add(new Problem(
                "mac.passthru",
                "--mac",
                $"hardware address {mac} cannot be had on network {network.Name}: in mode passthru an endpoint has that of parent interface {parent}",
                "leave it out, or use a network in another mode"));
        }

        return new ValidationResult(problems.ToImmutable());
    }

    /// <inheritdoc/>
    public NetworkVerdict JudgeChange(NetworkRecord network, IEnumerable<EndpointRecord> endpoints, NetworkSpec after)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(after);
        var (before, problems, warnings) = (network.Spec, new List<Problem>(), new List<string>());
        var (was, will) = (MacvlanOptions.Of(before), MacvlanOptions.Of(after));
        ChangeRules.Fixed("--ipv4", "IPv4 family", before.Ipv4, after.Ipv4, problems);
        ChangeRules.Fixed("--ipv6", "IPv6 family", before.Ipv6, after.Ipv6, problems);
        ChangeRules.Fixed("-o parent", "parent interface", was.Parent, will.Parent, problems);
        ChangeRules.Fixed("-o macvlan_mode", "macvlan mode", was.Mode, will.Mode, problems);
        ChangeRules.Fixed("-o mtu", "MTU", was.MtuBytes, will.MtuBytes, problems);
        ChangeRules.Fixed("-o host-shim", "host's shim", was.HasHostShim, will.HasHostShim, problems);
        if (endpoints.Any())
        {
            ChangeRules.Later(was.InterfacePrefix != will.InterfacePrefix, "the interface prefix", warnings);
        }

        return new NetworkVerdict([.. problems], [.. warnings], ReachesEndpoints: false);
    }

    /// <inheritdoc/>
    public string? OtherNameOf(string option) => MacvlanOptions.OtherNameOf(option);

    /// <inheritdoc/>
    public KernelState Desired(NetworkView network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var options = MacvlanOptions.Of(network.Network.Spec);
        return KernelState.Of(
        [
            .. options.Parent is null ? [Dummy(network, options)] : Enumerable.Empty<KernelObject>(),
            .. options.HasHostShim ? MacvlanShim.Desired(network, options) : [],
        ]);
    }

    /// <inheritdoc/>
    public KernelState Desired(NetworkView network, EndpointView endpoint)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endpoint);
        var options = MacvlanOptions.Of(network.Network.Spec);
        var asked = EndpointOptions.Of(endpoint.Endpoint.Spec);
        return KernelState.Of(
        [
            Interface(network, endpoint, options, asked),
            .. EndpointObjects.AddressesOf(endpoint),
            .. EndpointObjects.SysctlsOf(endpoint, asked),
            .. options.HasHostShim ? MacvlanShim.RoutesTo(network.Network, endpoint.Endpoint) : [],
        ]);
    }

    // Endpoints reach each other over it, and nobody else.
    private static LinkState Dummy(NetworkView network, MacvlanOptions options) => new()
    {
        Namespace = NetNs.Host,
        Name = network.Network.LinkName,
        Details = new DummyLink(),
        Alias = Ownership.AliasOf(network.OwnerTag, ScopeId.Of(network.Network.Id)),
        MtuBytes = options.MtuBytes,
        IsUp = true,
        HasLinkLocal = false,
    };

    private static LinkState Interface(NetworkView network, EndpointView endpoint, MacvlanOptions options, EndpointOptions asked)
    {
        var record = endpoint.Endpoint;

        // In mode passthru the device has the parent's address; to set one would set the parent's.
        var hasOwnMac = options.Mode != MacvlanMode.Passthru;
        return new LinkState
        {
            Namespace = endpoint.Namespace,
            Name = record.Interface,
            Details = new MacvlanLink(NetNs.Host, network.Network.LinkName, options.Mode),
            Alias = Ownership.AliasOf(network.OwnerTag, ScopeId.Of(record.Id)),
            Mac = hasOwnMac ? record.Mac : null,
            MtuBytes = options.MtuBytes,
            IsUp = true,
            HasLinkLocal = record.Ipv6 is not null,

            // Neighbours may remember another hardware address from the last holder of this one's address.
            Announce = hasOwnMac ? asked.Announce.Over(options.Announce) : null,
        };
    }
}

using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// A network that lives on this host: a Linux bridge with a gateway address, and a veth pair for each endpoint.
/// </summary>
/// <remarks>
/// From the packet's point of view (all of it in <c>docs/packet-walks/bridge.md</c>): it leaves the sandbox by its
/// interface, comes out of the host end of the pair, and is on the bridge. If its Ethernet destination is another port,
/// the bridge hands it over; without inter-container communication both ports are isolated and the bridge drops it.
/// If it is the bridge's own address, the host routes it, and the node's <c>forward</c> chain decides by the sets this
/// driver puts the bridge into: same bridge, another network of ours, internal, or the world, for which
/// <c>postrouting</c> gives it the host's address. To a published port of the host it is translated before it is routed, by
/// the maps that the endpoint's ports are elements of.
/// </remarks>
public sealed class BridgeDriver : INetworkDriver
{
    /// <summary>Ports of one bridge: BR_MAX_PORTS is 1,024 and port number 0 is not used (net/bridge/br_private.h).</summary>
    public const int PortsMax = 1023;

    /// <inheritdoc/>
    public string Name => "bridge";

    /// <inheritdoc/>
    public ValidationResult Validate(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var problems = ImmutableArray.CreateBuilder<Problem>();
        NetworkRules.Check(spec, problems);
        SubnetRules.CheckOneEach(spec, Name, problems);
        var options = BridgeOptions.Parse(spec.Options, problems);
        MtuRules.Check(spec, options.MtuBytes, problems);
        BridgeRules.Check(spec, options, problems);
        return new ValidationResult(problems.ToImmutable());
    }

    /// <inheritdoc/>
    public ValidationResult Validate(NetworkSpec network, EndpointSpec endpoint)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endpoint);
        var problems = ImmutableArray.CreateBuilder<Problem>();
        EndpointRules.Check(network, endpoint, problems);
        return new ValidationResult(problems.ToImmutable());
    }

    /// <inheritdoc/>
    public HostVerdict JudgeHost(NetworkSpec spec, HostFacts host)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(host);
        var wrong = new List<Problem>(); // told by Validate
        var options = BridgeOptions.Parse(spec.Options, wrong);
        var problems = new List<Problem>();
        if (host.Links.FirstOrDefault(l => l.Name == options.LinkName && l.Kind == "bridge" && !Ownership.IsTagged(l.Alias)) is { } adopted)
        {
            MtuRules.CheckBelow(spec, options.MtuBytes, adopted, "adopted device", problems);
        }

        return HostVerdict.Fine with { Problems = [.. problems] }; // a device name that is taken is a claim refused
    }

    /// <inheritdoc/>
    public NetworkTraits TraitsOf(NetworkSpec spec)
    {
        var options = BridgeOptions.Of(spec);
        return new NetworkTraits
        {
            IsRoutedByHost = true,
            IsReachedFromLoopback = IsReachedFromLoopback(spec, options),
            DevicePrefix = "br-",
            DeviceName = options.LinkName,
            Gateway4 = options.Ipv4Mode == GatewayMode.Isolated ? GatewayRule.None : GatewayRule.Host,
            Gateway6 = options.Ipv6Mode == GatewayMode.Isolated ? GatewayRule.None : GatewayRule.Host,
            InterfacePrefix = options.InterfacePrefix,
            HasHostInterface = true,
            EndpointsMax = PortsMax,
            EndpointsLimit = "the most a Linux bridge can have (BR_MAX_PORTS)",
        };
    }

    /// <inheritdoc/>
    public NetworkVerdict JudgeChange(NetworkRecord network, IEnumerable<EndpointRecord> endpoints, NetworkSpec after)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(after);
        return BridgeChanges.Judge(network, [.. endpoints], after);
    }

    /// <inheritdoc/>
    public string? OtherNameOf(string option) => BridgeOptions.OtherNameOf(option);

    /// <inheritdoc/>
    public KernelState Desired(NetworkView network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var record = network.Network;
        var options = BridgeOptions.Of(record.Spec);
        return KernelState.Of(
        [
            BridgeOf(network, options),
            .. GatewaysOf(record, options),
            .. SysctlsOf(network, options),
            .. BridgeElements.Desired(record, options),
        ]);
    }

    /// <inheritdoc/>
    public KernelState Desired(NetworkView network, EndpointView endpoint)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endpoint);
        return VethEndpoint.Desired(network, endpoint, BridgeOptions.Of(network.Network.Spec));
    }

    // An adopted bridge belongs to somebody else: it is kept up and used, and nothing of it is marked or changed.
    private static LinkState BridgeOf(NetworkView network, BridgeOptions options)
    {
        var record = network.Network;
        return record.AdoptsLink
            ? new LinkState
            {
                Namespace = NetNs.Host,
                Name = record.LinkName,
                Details = new ExistingLink("bridge"),
                IsUp = true,
            }
            : new LinkState
            {
                Namespace = NetNs.Host,
                Name = record.LinkName,
                Details = new BridgeLink(),
                Alias = Ownership.AliasOf(network.OwnerTag, ScopeId.Of(record.Id)),
                Mac = record.LinkMac,
                MtuBytes = options.MtuOf(record),
                IsUp = true,
                HasLinkLocal = record.Ipv6 is not null && options.HasBridgeAddress(isIpv6: true),
            };
    }

    private static IEnumerable<AddressState> GatewaysOf(NetworkRecord record, BridgeOptions options) =>
        from subnet in new[] { record.Ipv4, record.Ipv6 }
        let gateway = subnet?.Gateway
        where gateway is not null && !record.AdoptedAddresses.Contains(gateway) && options.HasBridgeAddress(SubnetRules.IsIpv6(subnet.Prefix))
        select new AddressState
        {
            Namespace = NetNs.Host,
            Link = record.LinkName,
            Address = new InterfaceAddress(gateway, subnet.Prefix.PrefixLength),
        };

    private static IEnumerable<SysctlState> SysctlsOf(NetworkView network, BridgeOptions options)
    {
        var record = network.Network;

        // On an adopted bridge the first two may be how the host itself gets its IPv6: not ours to decide.
        if (!record.AdoptsLink)
        {
            // A router advertisement from a container would give the host an address and a default route.
            yield return OfLink(record.LinkName, $"net/ipv6/conf/{record.LinkName}/accept_ra", "0") with { MayBeMissing = true };
        }

        if (!record.AdoptsLink && record.Ipv6 is not null)
        {
            // The bridge is the only router here, and detection cannot even start on a bridge without ports: the gateway
            // and link-local addresses would stay tentative until the first endpoint had come and waited.
            yield return OfLink(record.LinkName, $"net/ipv6/conf/{record.LinkName}/accept_dad", "0");
        }

        if (record.Ipv4 is not null && IsReachedFromLoopback(record.Spec, options))
        {
            // The host may reach published ports at 127.0.0.1: the kernel would not send that source over a bridge, nor take
            // the answer. The node's input chain keeps sandboxes from the host's own loopback.
            var path = LinkSysctls.RouteLocalnetOf(record.LinkName);
            yield return OfLink(record.LinkName, path, "1") with
            {
                // A bridge of ours had the kernel's own value, which counts when the network is routed from now on; so had one that an
                // older netd has adopted, which wrote none down.
                Original = record.AdoptsLink ? network.OriginalSysctls.GetValueOrDefault(path, "0") : "0",
            };
        }
    }

    private static bool IsReachedFromLoopback(NetworkSpec spec, BridgeOptions options) =>
        !spec.Internal && options.Ipv4Mode is GatewayMode.Nat or GatewayMode.NatUnprotected;

    private static SysctlState OfLink(string link, string path, string value) => new()
    {
        Namespace = NetNs.Host,
        Link = link,
        Path = path,
        Value = value,
    };
}

using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>What the endpoints of a sandbox decide together: by which of them a packet to elsewhere leaves, and how names are asked for.</summary>
public static class SandboxComposer
{
    private const string AcceptAdvertisements = "net/ipv6/conf/default/accept_ra";

    private static readonly IPNetwork Ipv4World = new(IPAddress.Any, 0);
    private static readonly IPNetwork Ipv6World = new(IPAddress.IPv6Any, 0);

    /// <summary>The sandbox's own objects.</summary>
    public static KernelState Desired(SandboxView sandbox)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        var ns = sandbox.Sandbox.Namespace;
        if (ns.IsHost)
        {
            return KernelState.Empty; // the host's routes and settings are its own
        }

        var elected = GatewayElection.Hold(sandbox.Endpoints);

        // Interfaces made from now on take this over: a neighbour on the network must not give the sandbox a route.
        var objects = new List<KernelObject>
        {
            new SysctlState
            {
                Namespace = ns,
                Path = AcceptAdvertisements,
                Value = "0",
                MayBeMissing = true,
                Original = sandbox.Sandbox.OriginalSysctls.GetValueOrDefault(AcceptAdvertisements),
            },
        };

        if (elected.Ipv4 is { } ipv4)
        {
            objects.Add(new RouteState
            {
                Namespace = ns,
                Destination = Ipv4World,
                Link = ipv4.Interface,
                Gateway = ipv4.Gateway4,
                Metric = 0,
            });
        }

        if (elected.Ipv6 is { } ipv6)
        {
            objects.Add(new RouteState
            {
                Namespace = ns,
                Destination = Ipv6World,
                Link = ipv6.Interface,
                Gateway = ipv6.Gateway6,
                Metric = 1024, // the kernel's own default; it has no 0 for IPv6
            });
        }

        if (sandbox.Resolver is { } resolver)
        {
            objects.AddRange(ResolverRules.Desired(ns, resolver));
        }

        return KernelState.Of(objects);
    }
}

using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>What has to be done once because of the steps of a plan: nobody else ever asks for a transition.</summary>
internal static class DerivedTransitions
{
    /// <summary>The transitions of a plan's steps.</summary>
    public static ImmutableArray<Transition> Of(IReadOnlyList<KernelOperation> operations, KernelState desired) =>
        [.. Announcements(operations, desired), .. Flushes(operations)];

    private static IEnumerable<Transition> Announcements(IEnumerable<KernelOperation> operations, KernelState desired)
    {
        var fresh = operations
            .Where(static o => o.Verb == OperationVerb.Create)
            .Select(static o => o.After)
            .OfType<AddressState>()
            .GroupBy(static a => LinkState.KeyOf(a.Namespace, a.Link));
        foreach (var group in fresh)
        {
            if (desired[group.Key] is LinkState { Announce: { Count: > 0 } policy, Mac: { } mac } link)
            {
                yield return new AnnounceTransition
                {
                    Namespace = link.Namespace,
                    Link = link.Name,
                    Mac = mac,
                    Policy = policy,
                    Addresses = [.. group.Select(static a => a.Address)],
                };
            }
        }
    }

    // Ports that follow one another are forgotten together: one reading of the kernel's table for a whole range.
    private static IEnumerable<Transition> Flushes(IEnumerable<KernelOperation> operations)
    {
        var moved = operations
            .Where(static o => !o.IsImplied)
            .Select(static o => o.Target is FirewallElementState element ? FlushOf(o.Verb, element) : null)
            .OfType<ConntrackFlushTransition>()
            .Distinct()
            .OrderBy(static f => f.Protocol)
            .ThenBy(static f => f.IsIpv6)
            .ThenBy(static f => f.Address?.ToString(), StringComparer.Ordinal)
            .ThenBy(static f => f.Ports.First);
        ConntrackFlushTransition? last = null;
        foreach (var flush in moved)
        {
            if (last is not null && last with { Ports = flush.Ports } == flush && flush.Ports.First <= last.Ports.Last + 1)
            {
                last = last with { Ports = new PortRange(last.Ports.First, Math.Max(last.Ports.Last, flush.Ports.Last)) };
                continue;
            }

            if (last is not null)
            {
                yield return last;
            }

            last = flush;
        }

        if (last is not null)
        {
            yield return last;
        }
    }

    // An element that translates is known by its shape: from protocol and port, perhaps with an address, to an address. A TCP
    // connection ends by itself when its other end is another. But one that begins before the element is there, at the
    // port's first publishing or while somebody has flushed the firewall, is remembered as not translated, and its SYN would
    // be sent in vain until the client gives up.
    private static ConntrackFlushTransition? FlushOf(OperationVerb verb, FirewallElementState element)
    {
        var protocol = element.KeyTypes.IndexOf(FirewallType.Protocol);
        var port = element.KeyTypes.IndexOf(FirewallType.Port);
        if (protocol < 0 || port < 0 || element.ValueTypes is not [FirewallType.Ipv4Address or FirewallType.Ipv6Address, ..]
            || !Enum.TryParse<PortProtocol>(element.KeyParts[protocol], ignoreCase: true, out var transport)
            || (verb == OperationVerb.Delete && transport != PortProtocol.Udp)
            || !PortRange.TryParse(element.KeyParts[port], out var ports, out _))
        {
            return null;
        }

        var address = element.KeyTypes[0] is FirewallType.Ipv4Address or FirewallType.Ipv6Address
            && IPAddress.TryParse(element.KeyParts[0], out var parsed) ? parsed : null;
        return new ConntrackFlushTransition
        {
            Namespace = element.Namespace,
            Protocol = transport,
            IsIpv6 = element.ValueTypes[0] == FirewallType.Ipv6Address,
            Address = address,
            Ports = ports,
        };
    }
}

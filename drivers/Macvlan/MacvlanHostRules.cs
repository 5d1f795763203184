using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>Whether a macvlan network can be had on this host: its parent, its VLAN, its MTU, and what the kernel must have.</summary>
internal static class MacvlanHostRules
{
    private const string Loopback = "lo";
    private const string Field = "-o parent";

    // The kernel would put the new device beside these, on what is below them, or refuse; and there is no Ethernet on the last.
    private static readonly string[] RefusedKinds = ["macvlan", "macvtap", "ipvlan", "ipvtap", "wireguard"];

    public static HostVerdict Judge(NetworkSpec spec, MacvlanOptions options, HostFacts host)
    {
        var problems = new List<Problem>();
        var warnings = new List<string>();
        var features = new List<FeatureNeed> { new("macvlan", "--driver", "for driver macvlan", null) };
        if (options.Parent is not { } parent)
        {
            // A name that is no name at all was refused for that.
            if (!spec.Options.ContainsKey("parent"))
            {
                features.Add(new FeatureNeed("dummy", Field, "for a macvlan network without a parent", "give a parent with -o parent=INTERFACE"));
                warnings.Add("no parent is given: the network stands on a device of its own and is internal; endpoints reach each other only");
            }
        }
        else if (Find(host, parent) is { } found)
        {
            CheckParent(found, problems);
            CheckCompany(options, found, host, problems);
            MtuRules.CheckBelow(spec, options.MtuBytes, found, "parent interface", problems);
            WarnOf(options, found, warnings);
        }
        else if (!VlanName.HasId(parent))
        {
            problems.Add(Unknown(parent));
        }
        else if (VlanName.TryParse(parent, out var vlan, out var problem))
        {
            features.Add(new FeatureNeed(
                "802.1Q", Field, $"to make {parent}", $"make an interface for VLAN {vlan.VlanId} by other means and give its name"));
            CheckBase(spec, options, vlan, host, problems, warnings);
        }
        else
        {
            problems.Add(new Problem("parent.vlan", Field, problem, VlanName.Limits));
        }

        warnings.AddRange(WarningsOf(spec, options));
        return new HostVerdict([.. problems], [.. warnings], [.. features]);
    }

    private static void CheckBase(
        NetworkSpec spec, MacvlanOptions options, VlanName vlan, HostFacts host, List<Problem> problems, List<string> warnings)
    {
        if (Find(host, vlan.Base) is not { } found)
        {
            problems.Add(Unknown(vlan.Base));
            return;
        }

        CheckKind(found, problems);
        MtuRules.CheckBelow(spec, options.MtuBytes, found, "parent interface", problems);
        WarnOf(options with { Mode = MacvlanMode.Bridge }, found, warnings);
    }

    private static Problem Unknown(string link) => new(
        "parent.unknown", Field, $"the requested parent interface {link} was not found on this host", "ip link lists them");

    private static void CheckParent(HostLink parent, List<Problem> problems)
    {
        CheckKind(parent, problems);
        if (parent.Master is { } master)
        {
            problems.Add(new Problem(
                "parent.port",
                Field,
                $"interface {parent.Name} is a port of {master}, which takes all it receives, and cannot be the parent of a macvlan network",
                $"give -o parent={master}"));
        }
    }

    // Of netd's own networks the claim knows; those of others that a sandbox has taken away show up when an endpoint is made.
    private static void CheckCompany(MacvlanOptions options, HostLink parent, HostFacts host, List<Problem> problems)
    {
        var others = host.Links.Where(l => l.Below == parent.Name && l.Kind is "macvlan" or "macvtap" && !Ownership.IsTagged(l.Alias));
        if (others.FirstOrDefault(l => l.IsAlone || options.Mode == MacvlanMode.Passthru) is { } other)
        {
            problems.Add(other.IsAlone
                ? new Problem(
                    "parent.taken",
                    Field,
                    $"interface {other.Name} of this host has parent interface {parent.Name} to itself, in mode passthru",
                    $"choose another parent, or ip link del {other.Name} first")
                : new Problem(
                    "parent.taken",
                    "-o macvlan_mode",
                    $"cannot use mode passthru: interface {other.Name} of this host is using parent interface {parent.Name} already",
                    "choose another mode or another parent"));
        }
    }

    private static void CheckKind(HostLink parent, List<Problem> problems)
    {
        if (parent.Name == Loopback)
        {
            problems.Add(new Problem(
                "parent.loopback", Field, $"loopback interface {Loopback} is not a valid macvlan parent", "give an Ethernet interface of the host; ip link lists them"));
        }
        else if (RefusedKinds.Contains(parent.Kind, StringComparer.Ordinal))
        {
            problems.Add(new Problem(
                "parent.kind",
                Field,
                $"interface {parent.Name} is a {parent.Kind} device and cannot be the parent of a macvlan network",
                "give the interface below it, or another"));
        }
    }

    private static void WarnOf(MacvlanOptions options, HostLink parent, List<string> warnings)
    {
        if (!parent.IsUp)
        {
            warnings.Add($"parent interface {parent.Name} is down: no packet passes until somebody brings it up");
        }

        if (parent.Kind != "vlan" && VlanName.HasId(parent.Name) && VlanName.TryParse(parent.Name, out var vlan, out _))
        {
            warnings.Add($"parent interface {parent.Name} was there before and is no VLAN interface, for all its name: nothing gives its frames the tag {vlan.VlanId}");
        }

        if (options.Mode == MacvlanMode.Passthru && !parent.Addresses.IsEmpty)
        {
            warnings.Add($"in mode passthru an endpoint takes parent interface {parent.Name} over: the host itself receives nothing there any more");
        }
    }

    private static IEnumerable<string> WarningsOf(NetworkSpec spec, MacvlanOptions options)
    {
        if (options.Parent is null)
        {
            yield break;
        }

        if (spec.Internal)
        {
            yield return $"an internal macvlan network only has no default route: what is on the segment of {options.Parent} reaches its endpoints, and they reach it";
            yield break;
        }

        foreach (var isIpv6 in new[] { false, true })
        {
            var isOn = isIpv6 ? spec.Ipv6 : spec.Ipv4;
            var hasGateway = spec.Subnets.Any(s =>
                SubnetRules.IsIpv6(s.Prefix) == isIpv6 && (s.Gateway is not null || s.AuxAddresses.ContainsKey(AuxiliaryName.DefaultGatewayOf(isIpv6))));
            if (isOn && !hasGateway)
            {
                yield return $"no {SubnetRules.FamilyOf(isIpv6)} gateway is given: sandboxes get no {SubnetRules.FamilyOf(isIpv6)} default route, and a router's address may be "
                    + "given to one of them; name the router with --gateway, and what else is on the segment with --aux-address, or choose from --ip-range";
            }
        }
    }

    private static HostLink? Find(HostFacts host, string name) => host.Links.FirstOrDefault(l => l.Name == name);
}

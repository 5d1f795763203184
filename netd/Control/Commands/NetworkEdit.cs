using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>What a user asked to be different about a network.</summary>
internal sealed record NetworkEdit
{
    /// <summary>Back to what was asked before the last change; nothing else may be asked with it.</summary>
    public bool IsUndo { get; init; }

    /// <summary>IPv4 on or off; null to leave it.</summary>
    public bool? Ipv4 { get; init; }

    /// <summary>IPv6 on or off; null to leave it.</summary>
    public bool? Ipv6 { get; init; }

    /// <summary>Subnets of families that are turned on by this.</summary>
    public ImmutableArray<SubnetSpec> Subnets { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableArray<string> RemovedOptions { get; init; } = [];

    /// <summary>How its sandboxes ask for names that are not ours.</summary>
    public DnsEdit Dns { get; init; } = new();

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableArray<string> RemovedLabels { get; init; } = [];

    /// <summary>What the network shall be; what cannot be taken off it is added to <paramref name="problems"/>.</summary>
    public NetworkSpec Apply(NetworkRecord network, INetworkDriver driver, ICollection<Problem> problems)
    {
        var spec = network.Spec;
        if (IsUndo)
        {
            if (network.Previous is { } previous)
            {
                return previous;
            }

            problems.Add(new Problem("change.none", "--undo", $"network {spec.Name} was never changed, so there is nothing to undo", "say what it shall be instead: netctl update --help lists what can be"));
            return spec;
        }

        return spec with
        {
            Ipv4 = Ipv4 ?? (spec.Ipv4 || Subnets.Any(static s => Prefix.BitsOf(s.Prefix.BaseAddress) == 32)),
            Ipv6 = Ipv6 ?? (spec.Ipv6 || Subnets.Any(static s => Prefix.BitsOf(s.Prefix.BaseAddress) == 128)),
            Subnets = SubnetsOf(spec, problems),
            Options = OptionsOf(spec, driver, problems),
            Dns = Dns.Apply(spec.Dns),
            Labels = LabelsOf(spec, problems),
        };
    }

    private ImmutableArray<SubnetSpec> SubnetsOf(NetworkSpec spec, ICollection<Problem> problems)
    {
        foreach (var subnet in Subnets.Where(s => Prefix.BitsOf(s.Prefix.BaseAddress) == 128 ? spec.Ipv6 : spec.Ipv4))
        {
            problems.Add(new Problem(
                "change.fixed",
                "--subnet",
                $"network {spec.Name} has a subnet of the family of {subnet.Prefix} already, and it cannot be changed",
                "create another network, and connect its endpoints there"));
        }

        // A family that is turned off takes its subnet along.
        return
        [
            .. spec.Subnets.Where(s => (Prefix.BitsOf(s.Prefix.BaseAddress) == 128 ? Ipv6 : Ipv4) ?? true),
            .. Subnets,
        ];
    }

    // One option may be known by two names: what is set by the one replaces what was set by the other.
    private ImmutableSortedDictionary<string, string> OptionsOf(NetworkSpec spec, INetworkDriver driver, ICollection<Problem> problems)
    {
        var options = spec.Options;
        foreach (var name in RemovedOptions)
        {
            var known = options.ContainsKey(name) ? name : driver.OtherNameOf(name) is { } other && options.ContainsKey(other) ? other : null;
            if (known is null)
            {
                problems.Add(new Problem(
                    "option.unset", "--opt-rm", $"option {name} is not set on network {spec.Name}", options.IsEmpty ? "it has none" : $"it has {FirstOf.Text(options.Keys, options.Count)}"));
            }
            else
            {
                options = options.Remove(known);
            }
        }

        foreach (var (name, value) in Options)
        {
            if (driver.OtherNameOf(name) is { } other && !Options.ContainsKey(other))
            {
                options = options.Remove(other);
            }

            options = options.SetItem(name, value);
        }

        return options;
    }

    private ImmutableSortedDictionary<string, string> LabelsOf(NetworkSpec spec, ICollection<Problem> problems)
    {
        foreach (var name in RemovedLabels.Where(l => !spec.Labels.ContainsKey(l)))
        {
            problems.Add(new Problem(
                "label.unset", "--label-rm", $"network {spec.Name} has no label {name}", spec.Labels.IsEmpty ? "it has none" : $"it has {FirstOf.Text(spec.Labels.Keys, spec.Labels.Count)}"));
        }

        return spec.Labels.RemoveRange(RemovedLabels).SetItems(Labels);
    }
}

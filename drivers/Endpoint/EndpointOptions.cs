using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// What an endpoint asks of its interface, from its own fields and from Docker's driver options together.
/// </summary>
public sealed class EndpointOptions
{
    private static readonly DriverOption Ifname = new("com.docker.network.endpoint.ifname");
    private static readonly DriverOption SysctlList = new("com.docker.network.endpoint.sysctls");

    private EndpointOptions()
    {
    }

    /// <summary>The interface name asked for; null for the network's prefix and the lowest free number.</summary>
    public string? InterfaceName { get; private init; }

    /// <summary>Sysctls by canonical key, <c>net.ipv4.conf.IFNAME.x</c>.</summary>
    public ImmutableSortedDictionary<string, string> Sysctls { get; private init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How the addresses shall be announced on join; what is left open is the network's to say.</summary>
    public AnnounceWish Announce { get; private init; }

    /// <summary>
    /// Reads an endpoint's fields and options, and adds what is wrong to <paramref name="problems"/>.
    /// </summary>
    public static EndpointOptions Parse(EndpointSpec spec, ICollection<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(problems);
        var reader = new OptionReader(spec.Options, [Ifname, SysctlList, .. AnnounceRules.Options], problems);
        var sysctls = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in spec.Sysctls)
        {
            InterfaceSysctl.Add(sysctls, key, value, "--sysctl", problems);
        }

        if (reader.Text(SysctlList) is var (option, list))
        {
            var field = OptionReader.FieldOf(option);
            foreach (var (key, value) in InterfaceSysctl.Split(list, problems, field))
            {
                InterfaceSysctl.Add(sysctls, key, value, field, problems);
            }
        }

        return new EndpointOptions
        {
            InterfaceName = NameOf(spec, reader, problems),
            Sysctls = sysctls.ToImmutable(),
            Announce = AnnounceRules.Read(reader),
        };
    }

    /// <summary>Reads an endpoint that was validated before it was committed.</summary>
    public static EndpointOptions Of(EndpointSpec spec)
    {
        var problems = new List<Problem>();
        var options = Parse(spec, problems);
        Invariant.Check(problems.Count == 0, $"an endpoint was committed with bad options: {string.Join("; ", problems)}");
        return options;
    }

    private static string? NameOf(EndpointSpec spec, OptionReader reader, ICollection<Problem> problems)
    {
        var field = "--ifname";
        var name = spec.InterfaceName;
        if (reader.Text(Ifname) is var (key, value))
        {
            if (name is not null && name != value)
            {
                problems.Add(new Problem(
                    "ifname.twice", field, $"the interface name is given twice: '{name}', and '{value}' as {key}", "give it once"));
            }

            if (name is null)
            {
                (field, name) = (OptionReader.FieldOf(key), value);
            }
        }

        if (name is not null && !Drivers.InterfaceName.IsValid(name, out var problem))
        {
            problems.Add(new Problem(
                "ifname.invalid", field, $"interface name '{name}' {problem}", "choose up to 15 letters, digits, _ . or -, such as eth0"));
        }

        return name;
    }
}

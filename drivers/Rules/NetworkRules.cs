using Networking.Model;

namespace Networking.Drivers;

/// <summary>What holds for a network of any driver: its name and its families.</summary>
internal static class NetworkRules
{
    // Words that already mean something where a network's name is expected.
    private static readonly string[] Predefined = ["bridge", "host", "none", "default"];

    public static void Check(NetworkSpec spec, ICollection<Problem> problems)
    {
        if (!ObjectName.IsValid(spec.Name))
        {
            problems.Add(new Problem(
                "name.invalid", "NAME", $"'{spec.Name}' cannot be the name of a network", $"a name is {ObjectName.Rule}"));
        }
        else if (Predefined.Contains(spec.Name, StringComparer.Ordinal))
        {
            problems.Add(new Problem(
                "name.predefined", "NAME", $"'{spec.Name}' is predefined and cannot be the name of a network", "choose another name"));
        }

        if (!spec.Ipv4 && !spec.Ipv6)
        {
            problems.Add(new Problem(
                "family.none", "--ipv6", "a network needs IPv4, IPv6 or both, and both are off", "turn one of them on"));
        }

        SubnetRules.Check(spec, problems);
        _ = IpamOptions.Parse(spec.IpamOptions, problems);
    }
}

using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// Sysctls of an endpoint's interface, written <c>net.ipv4.conf.IFNAME.x</c> before its name is known.
/// </summary>
public static class InterfaceSysctl
{
    /// <summary>Stands for the interface's name in a key.</summary>
    public const string Placeholder = "IFNAME";

    /// <summary>The path below /proc/sys of a valid key, for an interface of this name.</summary>
    public static string PathOf(string key, string interfaceName)
    {
        ArgumentNullException.ThrowIfNull(key);
        var parts = key.Split('.');
        Invariant.Check(parts.Length == 5, $"sysctl key {key} was not validated");

        // Parts are replaced one by one: the name itself may have dots.
        parts[3] = interfaceName;
        return string.Join('/', parts);
    }

    /// <summary>Reads Docker's comma list of <c>key=value</c>.</summary>
    internal static IEnumerable<(string Key, string Value)> Split(string list, ICollection<Problem> problems, string field)
    {
        foreach (var item in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = item.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                problems.Add(new Problem(
                    "sysctl.value", field, $"sysctl '{item}' has no value", $"write it as net.ipv4.conf.{Placeholder}.x=1"));
                continue;
            }

            yield return (item[..equals].Trim(), item[(equals + 1)..].Trim());
        }
    }

    /// <summary>Adds a pair to those already there, under its canonical key, or says why not.</summary>
    internal static void Add(
        ImmutableSortedDictionary<string, string>.Builder sysctls,
        string key,
        string value,
        string field,
        ICollection<Problem> problems)
    {
        if (Canonical(key) is not { } canonical)
        {
            problems.Add(new Problem(
                "sysctl.name",
                field,
                $"'{key}' is not the sysctl of an interface",
                $"write net.ipv4.conf.eth0.x as net.ipv4.conf.{Placeholder}.x: five parts, the second ipv4, ipv6 or mpls, the fourth {Placeholder}"));
            return;
        }

        if (value.Length == 0 || value.Any(static c => c is < ' ' or > '~'))
        {
            problems.Add(new Problem(
                "sysctl.value", field, $"sysctl {canonical}: '{value}' is not a value", "write one line of text, such as 1"));
            return;
        }

        if (sysctls.TryGetValue(canonical, out var other) && other != value)
        {
            problems.Add(new Problem(
                "sysctl.twice", field, $"sysctl {canonical} is given twice: '{other}' and '{value}'", "give it once"));
            return;
        }

        sysctls[canonical] = value;
    }

    // Parts become directories below /proc/sys, so nothing that could climb out of there is let in.
    private static string? Canonical(string key)
    {
        var parts = key.Split('.');
        if (parts.Length != 5 || parts[0] != "net" || parts[1] is not ("ipv4" or "ipv6" or "mpls")
            || parts[3] is not (Placeholder or "ifname") || !IsWord(parts[2]) || !IsWord(parts[4]))
        {
            return null;
        }

        parts[3] = Placeholder;
        return string.Join('.', parts);
    }

    private static bool IsWord(string part) =>
        part.Length is > 0 and <= 64 && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}

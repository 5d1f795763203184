using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Networking.Durability.Tests;

/// <summary>Chains with their rules out of <c>iptables-save</c>: all of a table, ours and others'.</summary>
internal static partial class IptablesItems
{
    public const string Kind = "iptablesChain";

    /// <summary>The families as iptables-save's sections are called.</summary>
    public static bool IsSection(string name) => name is "iptables" or "ip6tables";

    public static void Take(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, string family, string text)
    {
        var table = string.Empty;
        var rules = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(static l => l.Trim()).Where(static l => l.Length > 0))
        {
            var words = line.Split(' ', 3);
            switch (line[0])
            {
                case '*':
                    table = line[1..];
                    break;
                case ':':
                    rules.Add($"{family} {table} {words[0][1..]}", [words[1]]); // a chain of the kernel's own has a policy
                    break;
                case '-' when words is ["-A", var chain, var rule]:
                    rules[$"{family} {table} {chain}"].Add(rule);
                    break;
                case 'C' or '#':
                    break;
                default:
                    throw new InvalidOperationException($"{family}-save prints '{line}'");
            }
        }

        foreach (var (chain, lines) in rules)
        {
            // The order of a set's elements is nobody's promise.
            IEnumerable<string> ordered = SetChain().IsMatch(chain) ? [lines[0], .. lines.Skip(1).Order(StringComparer.Ordinal)] : lines;
            items[new KernelItem(ns, Kind, chain)] = string.Join("\n", ordered);
        }
    }

    [GeneratedRegex("NETD-.*-[0-9A-F]{8}(-[0-9]+)?$")]
    private static partial Regex SetChain();
}

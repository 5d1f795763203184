using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// Holds a printed plan against what foreign tools see of its execution: every difference must be a step, and every step
/// a difference.
/// </summary>
/// <remarks>
/// A dry run draws ids and hardware addresses of its own; its id is replaced by the real one wherever a name contains
/// it, and hardware addresses are not compared. A sysctl counts by its value: a step that
/// writes what is there already makes no difference, and one that puts a value back makes it as it was at first. So does the MTU
/// that a network without one is given when it is first changed: that of the kernel, so that it can be put back later. A
/// bridge that is adopted may be up already. A namespace that is made or removed is held against one that nobody has touched.
/// </remarks>
internal sealed partial class PlanEffect(KernelSnapshot newborn, KernelSnapshot first)
{
    private static readonly ImmutableArray<string> s_sysctlKinds = ["sysctl", "forwardingSysctl", "linkSysctl"];

    /// <summary>What does not agree; empty if the plan is the effect.</summary>
    public IReadOnlyList<string> Compare(PlanDocument plan, string dryId, string realId, KernelSnapshot before, KernelSnapshot after)
    {
        var madeNamespace = Namespaces(after).Except(Namespaces(before)).SingleOrDefault();
        var steps = plan.Steps
            .Where(static s => s.Verb != "transition")
            .Select(s => Renamed(s, dryId, realId, madeNamespace))
            .ToArray();
        var (was, now) = (Completed(before, after), Completed(after, before));
        var gone = Namespaces(before).Except(Namespaces(after)).ToHashSet();
        var problems = new List<string>();
        var byItem = steps.ToLookup(static s => new KernelItem(s.Namespace, s.Kind, s.Object));
        foreach (var item in was.Keys.Union(now.Keys).Order())
        {
            var effect = (was.GetValueOrDefault(item), now.GetValueOrDefault(item)) switch
            {
                (null, not null) => "create",
                (not null, null) => "delete",
                var (old, @new) => old == @new ? null : "change",
            };
            var goesWithNamespace = item.Kind == "sysctl" && gone.Contains(item.Namespace); // left as it is, as long as there is one
            if (effect is not null && !byItem.Contains(item) && !goesWithNamespace)
            {
                problems.Add($"not in the plan: {effect} {item}: '{was.GetValueOrDefault(item)}' → '{now.GetValueOrDefault(item)}'");
            }
        }

        foreach (var item in byItem)
        {
            problems.AddRange(Check(item.Key, [.. item], was, now).Select(p => $"{p}; planned: {string.Join(", ", item.Select(static s => s.Text))}"));
        }

        return problems;
    }

    private IEnumerable<string> Check(KernelItem item, PlanStepDocument[] steps, ImmutableSortedDictionary<KernelItem, string> was, ImmutableSortedDictionary<KernelItem, string> now)
    {
        var (old, @new) = (was.GetValueOrDefault(item), now.GetValueOrDefault(item));
        var step = steps[^1];
        if (s_sysctlKinds.Contains(item.Kind))
        {
            var value = @new ?? (item.Kind == "linkSysctl" ? DefaultOf(item, now) : null);
            var due = step.Verb == "delete" ? (item.Kind == "linkSysctl" ? value : first.Items.GetValueOrDefault(item) ?? newborn.Items.GetValueOrDefault(item with { Namespace = string.Empty })) : step.Text.Split(" = ")[1].Split(' ')[0];
            if (value != due)
            {
                yield return $"{item} is {value}, not {due}";
            }

            yield break;
        }

        var effect = (old, @new) switch { (null, not null) => "create", (not null, null) => "delete", _ => "change" };
        var expected = steps.Length == 1 ? step.Verb : "change"; // deleted and made anew
        var makesNone = old == @new && (MtuWrittenDown().IsMatch(step.Text) || AdoptedAsItIs().IsMatch(step.Text));
        if (!makesNone && (effect != expected || (old == @new && steps.Length == 1)))
        {
            yield return $"{item} was not touched so: '{old}' → '{@new}'";
        }

        foreach (var word in step.Verb == "delete" || @new is null ? [] : Promised(step))
        {
            if (!$" {@new} ".Contains($" {word} ", StringComparison.Ordinal))
            {
                yield return $"{item} has no '{word}': '{@new}'";
            }
        }
    }

    // The parts of a step's text that the snapshot tells in the same words.
    private static IEnumerable<string> Promised(PlanStepDocument step) => step.Kind switch
    {
        "link" => LinkWords().Matches(WithoutFields(step)).Select(static m => m.Value),
        "route" => RouteWords().Matches(WithoutFields(step)).Select(static m => m.Value),
        "firewallElement" => VerdictWord().Matches(step.Text).Select(static m => m.Groups[1].Value),
        "firewallChain" => RuleCount().Matches(step.Text).Select(static m => m.Value + ":"),
        _ => [],
    };

    // A change names in brackets what it was; that is over.
    private static string WithoutFields(PlanStepDocument step) => step.Verb == "change" ? step.Text.Split(" (")[0] : step.Text;

    private static PlanStepDocument Renamed(PlanStepDocument step, string dryId, string realId, string? madeNamespace)
    {
        return step with { Object = Rename(step.Object), Text = Rename(step.Text), Namespace = step.Namespace == "netns:new" ? madeNamespace ?? step.Namespace : step.Namespace };

        string Rename(string text) => text.Replace(dryId[..10], realId[..10], StringComparison.Ordinal).Replace(realId[..10] + dryId[10..12], realId[..12], StringComparison.Ordinal);
    }

    // With a namespace that is only in the other snapshot as it is untouched.
    private ImmutableSortedDictionary<KernelItem, string> Completed(KernelSnapshot snapshot, KernelSnapshot other)
    {
        var result = snapshot.Items;
        foreach (var ns in Namespaces(other).Except(Namespaces(snapshot)))
        {
            result = result.AddRange(newborn.Items.Select(i => KeyValuePair.Create(i.Key with { Namespace = ns }, i.Value)));
        }

        return result;
    }

    private static string? DefaultOf(KernelItem item, ImmutableSortedDictionary<KernelItem, string> state)
    {
        var parts = item.Name.Split('/');
        return state.GetValueOrDefault(item with { Kind = "sysctl", Name = string.Join('/', [.. parts[..^2], "default", parts[^1]]) });
    }

    private static IEnumerable<string> Namespaces(KernelSnapshot snapshot) => snapshot.Items.Keys.Select(static i => i.Namespace).Distinct();

    [GeneratedRegex("master [^ ]+|mtu [0-9]+|isolated (on|off)|hairpin (on|off)|(?<= )(up|down)(?= |$)")]
    private static partial Regex LinkWords();

    [GeneratedRegex("^[+] link [^ ]+ existing bridge up ")]
    private static partial Regex AdoptedAsItIs();

    [GeneratedRegex(@"\(mtu unset → 1500\)")]
    private static partial Regex MtuWrittenDown();

    [GeneratedRegex("via [^ ]+|dev [^ ]+")]
    private static partial Regex RouteWords();

    [GeneratedRegex(" : ([a-z]+) }")]
    private static partial Regex VerdictWord();

    [GeneratedRegex(@"\([0-9]+ rules\)")]
    private static partial Regex RuleCount();
}

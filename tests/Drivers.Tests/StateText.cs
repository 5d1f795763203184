using System.Text;
using Networking.Kernel;

namespace Networking.Drivers.Tests;

/// <summary>
/// A kernel state as text: one object a line in key order, with what <c>Describe</c> leaves out below it.
/// </summary>
internal static class StateText
{
    public static string Of(KernelState state)
    {
        var text = new StringBuilder();
        foreach (var item in state.Objects)
        {
            text.Append($"[{item.Namespace}] {item.Describe()}\n");
            foreach (var detail in DetailsOf(item))
            {
                text.Append($"    {detail}\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> DetailsOf(KernelObject item) => item switch
    {
        LinkState link =>
        [
            link.Alias is null ? "no alias" : $"alias {link.Alias}",
            link.HasLinkLocal is { } has ? $"link-local {(has ? "on" : "off")}" : "link-local undecided",
            .. link.Announce is { } policy ? [$"announced {policy.Count} times, {policy.Interval.TotalMilliseconds} ms apart"] : Array.Empty<string>(),
        ],
        SysctlState { Link: { } link } sysctl => [$"dies with {link}{Missing(sysctl)}"],
        SysctlState sysctl => [(sysctl.Original is null ? "left as it is" : $"put back to {sysctl.Original}") + Missing(sysctl)],
        FirewallElementState element => [$"owner {element.Comment}"],
        FirewallChainState chain => chain.Rules.Select(static r => $"{r.Text}  # {r.Comment[..r.Comment.LastIndexOf('#')].Trim()}"),
        _ => [],
    };

    private static string Missing(SysctlState sysctl) => sysctl.MayBeMissing ? ", may be missing" : string.Empty;
}

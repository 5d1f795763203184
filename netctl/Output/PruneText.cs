using Networking.Model.Api;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Output;

/// <summary>What was pruned, or would be.</summary>
internal static class PruneText
{
    public static string Of(PruneDocument prune, Mutation mutation, Style style)
    {
        if (prune.Removed.IsDefaultOrEmpty)
        {
            return mutation.IsQuiet ? string.Empty : PlanText.Nothing;
        }

        return string.Concat(prune.Removed.Select(name => mutation.IsDryRun && !mutation.IsQuiet
            ? Ink.Bad.Paint($"- network {Printable.Line(name)}", style.HasColour) + "\n"
            : Printable.Line(name) + "\n"));
    }
}

using System.Text;
using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>A plan as people read it: a line a step, its sign first.</summary>
internal static class PlanText
{
    /// <summary>What a plan without steps says.</summary>
    public const string Nothing = "Nothing to do.\n";

    /// <summary>The plan as text.</summary>
    public static string Render(PlanDocument plan, Style style) =>
        plan.Steps.IsDefaultOrEmpty ? Nothing : Steps(plan, style);

    /// <summary>The steps alone; empty if there are none.</summary>
    public static string Steps(PlanDocument plan, Style style, string indent = "")
    {
        var text = new StringBuilder();
        foreach (var step in plan.Steps.IsDefault ? [] : plan.Steps)
        {
            var sign = SignOf(step.Verb);
            var line = Printable.Line(step.Text);

            // The daemon's line may carry its sign already; it is said once.
            line = line.StartsWith($"{sign} ", StringComparison.Ordinal) ? line : $"{sign} {line}";
            text.Append(indent).Append(InkOf(sign).Paint(line, style.HasColour)).Append('\n');
        }

        return text.ToString();
    }

    private static char SignOf(string verb) => verb switch
    {
        "create" => '+',
        "change" => '~',
        "delete" => '-',
        "transition" => '!',
        _ => '?', // a newer daemon knows more verbs
    };

    private static Ink InkOf(char sign) => sign switch
    {
        '+' => Ink.Good,
        '~' => Ink.Caution,
        '-' => Ink.Bad,
        _ => Ink.Accent,
    };
}

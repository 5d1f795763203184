using System.Text;
using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>The checks of the host for people: worst last, where the eye is when the output ends.</summary>
internal static class DoctorText
{
    /// <summary>The checks as a report; it fails if one of them does.</summary>
    public static Report Of(DoctorDocument doctor, Style style)
    {
        var checks = doctor.Checks.IsDefault
            ? []
            : doctor.Checks.Select(check => check with { Name = Printable.Line(check.Name) }).ToArray();
        var nameWidth = checks.Length == 0 ? 0 : checks.Max(check => DisplayWidth.Of(check.Name));
        var text = new StringBuilder();
        foreach (var check in checks.OrderBy(check => Severity(check.State)))
        {
            var state = Inks.OfState(check.State).Paint(check.State.PadRight(StateWidth), style.HasColour);
            var name = check.Name + new string(' ', nameWidth - DisplayWidth.Of(check.Name));
            text.Append(state).Append("  ").Append(name).Append("  ")
                .Append(Printable.Line(check.Message)).Append('\n');
            if (check.Hint is { } hint)
            {
                text.Append(' ', StateWidth + nameWidth + 4).Append("hint: ").Append(Printable.Line(hint)).Append('\n');
            }
        }

        var counts = checks.GroupBy(check => check.State).OrderBy(group => Severity(group.Key))
            .Select(group => $"{group.Count()} {group.Key}");
        text.Append($"{checks.Length} checks: {string.Join(", ", counts)}\n");
        return new Report(text.ToString(), Exit: ExitOf(doctor));
    }

    /// <summary>1 if a check failed; a missing optional feature or a warning is no failure.</summary>
    public static int ExitOf(DoctorDocument doctor) =>
        !doctor.Checks.IsDefault && doctor.Checks.Any(check => check.State == "failed") ? ExitCode.Failed : ExitCode.Done;

    private const int StateWidth = 7;

    private static int Severity(string state) => state switch
    {
        "ok" => 0,
        "missing" => 1,
        "warning" => 2,
        "failed" => 3,
        _ => 1,
    };
}

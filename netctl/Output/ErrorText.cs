using System.Text;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netctl.Client;

namespace Networking.Netctl.Output;

/// <summary>What went wrong, in words and an exit code.</summary>
internal static class ErrorText
{
    /// <summary>A failure on the way to, at, or back from the daemon.</summary>
    public static Report Of(DaemonException exception) => exception switch
    {
        DaemonUnreachableException unreachable => new(
            string.Empty, Message(unreachable.Message) + Hint(unreachable.Hint), ExitCode.Unreachable),
        DaemonRefusedException refused => new(string.Empty, Of(refused.Error), ExitCode.Failed),
        DaemonAnswerException answer => new(string.Empty, Message(answer.Message) + Hint(answer.Hint), ExitCode.Failed),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>A command line that cannot be meant.</summary>
    public static Report OfUsage(IEnumerable<string> problems, string command) => new(
        string.Empty,
        string.Concat(problems.Select(Message)) + Hint($"{command} --help shows what it takes."),
        ExitCode.Usage);

    /// <summary>A failure of our own making, with the next step.</summary>
    public static Report Of(string message, string hint, int exit = ExitCode.Failed) =>
        new(string.Empty, Message(message) + Hint(hint), exit);

    /// <summary>What a repair could not mend.</summary>
    public static Report OfLeft(IEnumerable<string> left) => new(
        string.Empty,
        string.Concat(left.Select(Message)) + Hint("netctl explain says of each what it waits for; what the kernel refused is tried again by itself."),
        ExitCode.Failed);

    /// <summary>A mistake of our own.</summary>
    public static Report OfBug(Exception exception) => new(
        string.Empty, $"netctl: a mistake of netctl itself; please report it\n{exception}\n", ExitCode.Failed);

    /// <summary>An error document: its message, every detail, its hint.</summary>
    public static string Of(ErrorDocument error)
    {
        var text = new StringBuilder(Message(error.Message));
        foreach (var problem in error.Details.IsDefault ? [] : error.Details)
        {
            if (!RepeatsMessage(problem, error))
            {
                text.Append(Bullet(problem));
            }
        }

        return text.Append(Hint(error.Hint)).ToString();
    }

    private static bool RepeatsMessage(Problem problem, ErrorDocument error) =>
        problem.Message == error.Message && problem.Field is null && (problem.Hint is null || problem.Hint == error.Hint);

    private static string Bullet(Problem problem)
    {
        var field = problem.Field is null ? string.Empty : $"{Printable.Line(problem.Field)}: ";
        var hint = problem.Hint is null ? string.Empty : $" ({Printable.Line(problem.Hint)})";
        return $"  - {field}{Printable.Line(problem.Message)}{hint}\n";
    }

    private static string Message(string message) => $"netctl: {Printable.Line(message)}\n";

    private static string Hint(string? hint) => hint is null ? string.Empty : $"hint: {Printable.Line(hint)}\n";
}

using System.CommandLine;
using Networking.Netctl.Completion;

namespace Networking.Netctl.Verbs;

/// <summary><c>completion</c>: prints the script that teaches a shell to complete <c>netctl</c>.</summary>
internal static class CompletionVerb
{
    public static void Define(Command command, Session session)
    {
        var shell = Words.One("SHELL", "bash, zsh or fish");
        shell.CompletionSources.Add("bash", "zsh", "fish");
        shell.Validators.Add(result => Words.RefuseOthers(result, "completion", "bash", "zsh", "fish"));
        command.Add(shell);
        session.SetAction(command, (parse, _) =>
            Task.FromResult(new Report(CompletionScript.For(parse.GetRequiredValue(shell)))));
    }
}

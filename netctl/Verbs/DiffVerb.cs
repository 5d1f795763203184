using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>diff</c>: what differs in the kernel, read afresh; as steps that would mend it.</summary>
internal static class DiffVerb
{
    public static void Define(Command command, Session session)
    {
        var format = Words.Format("table");
        var exitCode = Words.Flag("--exit-code", "exit with 1 if anything differs");
        command.Add(format);
        command.Add(exitCode);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(
                daemon.GetAsync(ApiPath.Diff, ApiJson.Default.PlanDocument, cancellation), "reading the kernel");
            var differs = !answer.Value.Steps.IsDefaultOrEmpty;
            return new Report(
                parse.IsJson(format) ? JsonText.Of(answer.Json) : PlanText.Render(answer.Value, session.Style),
                Exit: differs && parse.GetValue(exitCode) ? ExitCode.Failed : ExitCode.Done);
        });
    }
}

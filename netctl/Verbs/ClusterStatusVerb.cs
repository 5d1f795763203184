using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>cluster status</c>: this host's place; exits with 1 if it is to take part and cannot.</summary>
internal static class ClusterStatusVerb
{
    public static void Define(Command command, Session session)
    {
        var format = Words.Format("table");
        var quiet = Words.Flag("--quiet", "the state only: off, on or failed", "-q");
        command.Add(format);
        command.Add(quiet);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(daemon.GetAsync(ApiPath.Cluster, ApiJson.Default.ClusterDocument, cancellation), "waiting for netd");
            return new Report(
                parse.IsJson(format) ? JsonText.Of(answer.Json)
                : parse.GetValue(quiet) ? Printable.Line(answer.Value.State) + "\n"
                : ClusterText.Of(answer.Value, session.Style),
                Exit: answer.Value.State == "failed" ? ExitCode.Failed : ExitCode.Done);
        });
    }
}

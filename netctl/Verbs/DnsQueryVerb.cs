using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>dns query</c>: what a sandbox's resolver answers, and which stage of it.</summary>
internal static class DnsQueryVerb
{
    public static void Define(Command command, Session session)
    {
        var name = Words.One("NAME", "a name as a process would ask for it");
        var sandbox = Words.Text("--sandbox", "SANDBOX", "whose resolver is asked").CompletingSandboxNames(session);
        sandbox.Required = true;
        var type = Words.Text("--type", "TYPE", "type of record [default: A]", "-t");
        var format = Words.Format("table");
        var quiet = Words.Flag("--quiet", "the records' data only", "-q");
        command.Add(name);
        command.Add(sandbox);
        command.Add(type);
        command.Add(format);
        command.Add(quiet);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var path = ApiPath.NameQuery(parse.GetRequiredValue(sandbox), parse.GetRequiredValue(name), parse.GetValue(type) ?? "A");
            var answer = await session.WaitAsync(daemon.GetAsync(path, ApiJson.Default.DnsAnswerDocument, cancellation), "waiting for netd");
            return new Report(
                parse.IsJson(format) ? JsonText.Of(answer.Json)
                : parse.GetValue(quiet) ? DnsText.Data(answer.Value)
                : DnsText.Of(answer.Value, session.Style));
        });
    }
}

using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>dns ls</c>: names and what they lead to.</summary>
internal static class DnsListVerb
{
    public static void Define(Command command, Session session)
    {
        var sandbox = Words.Text("--sandbox", "SANDBOX", "only names that this sandbox sees").CompletingSandboxNames(session);
        var format = Words.Format("table");
        var quiet = Words.Flag("--quiet", "names only, as NAME.NETWORK", "-q");
        command.Add(sandbox);
        command.Add(format);
        command.Add(quiet);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(
                daemon.GetAsync(ApiPath.Names(parse.GetValue(sandbox)), ApiJson.Default.DnsNameDocumentArray, cancellation), "waiting for netd");
            return new Report(
                parse.IsJson(format) ? JsonText.Of(answer.Json)
                : parse.GetValue(quiet) ? DnsText.Names(answer.Value)
                : DnsText.Of(answer.Value, session.Style));
        });
    }
}

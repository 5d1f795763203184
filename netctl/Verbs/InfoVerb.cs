using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>info</c>: the daemon and what it holds.</summary>
internal static class InfoVerb
{
    public static void Define(Command command, Session session)
    {
        var format = Words.Format("table");
        command.Add(format);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(
                daemon.GetAsync(ApiPath.Info, ApiJson.Default.InfoDocument, cancellation), "waiting for netd");
            return new Report(parse.IsJson(format) ? JsonText.Of(answer.Json) : DetailText.Of(answer.Value, session.Style));
        });
    }
}

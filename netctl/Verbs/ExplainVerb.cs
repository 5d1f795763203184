using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>explain</c>: why an object is, or is not, as asked.</summary>
internal static class ExplainVerb
{
    public static void Define(Command command, Session session)
    {
        var name = Words.One("OBJECT", "name or id of a network, endpoint or sandbox")
            .CompletingNetworks(session).CompletingSandboxes(session);
        var format = Words.Format("table");
        command.Add(name);
        command.Add(format);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(
                daemon.GetAsync(
                    ApiPath.Explain(parse.GetRequiredValue(name)), ApiJson.Default.ExplainDocument, cancellation),
                "reading the kernel");
            return new Report(parse.IsJson(format) ? JsonText.Of(answer.Json) : DetailText.Of(answer.Value, session.Style));
        });
    }
}

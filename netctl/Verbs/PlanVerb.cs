using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>plan</c>: what is still to be done.</summary>
internal static class PlanVerb
{
    public static void Define(Command command, Session session)
    {
        var format = Words.Format("table");
        command.Add(format);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(
                daemon.GetAsync(ApiPath.Plan, ApiJson.Default.PlanDocument, cancellation), "waiting for netd");
            return new Report(parse.IsJson(format) ? JsonText.Of(answer.Json) : PlanText.Render(answer.Value, session.Style));
        });
    }
}

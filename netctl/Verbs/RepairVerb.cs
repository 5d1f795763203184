using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>repair</c>: reads the kernel afresh and mends what differs; prints what it did, or would do.</summary>
internal static class RepairVerb
{
    public static void Define(Command command, Session session)
    {
        var words = new MutationWords(command);
        session.SetAction(command, async (parse, cancellation) =>
        {
            var mutation = words.Read(parse);
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(
                daemon.SendAsync(
                    HttpMethod.Post, mutation.Path(ApiPath.Repair), body: null, ApiJson.Default.PlanDocument,
                    mutation.Deadline, cancellation),
                "repairing");
            var done = new Report(
                mutation.IsJson ? JsonText.Of(answer.Json)
                : mutation.IsQuiet ? string.Empty
                : PlanText.Render(answer.Value, session.Style));
            return answer.Value.Left.IsEmpty ? done : ErrorText.OfLeft(answer.Value.Left) with { Out = done.Out };
        });
    }
}

using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>prune</c>: removes every network without endpoints.</summary>
internal static class PruneVerb
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
                    HttpMethod.Post, mutation.Path(ApiPath.Prune), body: null, ApiJson.Default.PruneDocument,
                    mutation.Deadline, cancellation),
                "removing unused networks");
            return new Report(mutation.IsJson ? JsonText.Of(answer.Json) : PruneText.Of(answer.Value, mutation, session.Style));
        });
    }
}

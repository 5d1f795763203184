using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Completion;

namespace Networking.Netctl.Verbs;

/// <summary>
/// <c>complete</c>, hidden: what the scripts of <c>completion</c> ask. It takes the words of the line so far, the one
/// under the cursor last, and prints one candidate a line with its description behind a tab. It never fails and never
/// waits long: a key press is no place for errors.
/// </summary>
internal static class CompleteVerb
{
    public static void Define(Command command, Session session)
    {
        var words = new Argument<string[]>("WORD")
        {
            Arity = ArgumentArity.ZeroOrMore,
            CaptureRemainingTokens = true,
        };
        command.Add(words);
        session.SetAction(command, async (parse, cancellation) =>
        {
            var line = parse.All(words);
            var root = VerbTable.Tree(session, line);
            var candidates = Candidates.For(root, line);
            if (session.Names.IsWanted)
            {
                await LearnNamesAsync(session, Candidates.Parse(root, line), cancellation);
                candidates = Candidates.For(root, line);
            }

            return new Report(string.Concat(candidates.Select(candidate => candidate + "\n")));
        });
    }

    private static async Task LearnNamesAsync(Session session, ParseResult line, CancellationToken cancellation)
    {
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(session.NamesTimeout);
            using var daemon = session.Connect(line); // --host of the line being completed
            var names = session.Names;
            if (names.WantsNetworks)
            {
                var answer = await daemon.GetAsync(ApiPath.Networks, ApiJson.Default.NetworkDocumentArray, deadline.Token);
                names.LearnNetworks(answer.Value.Select(network => network.Name));
            }

            if (names.WantsSandboxes)
            {
                var answer = await daemon.GetAsync(ApiPath.Sandboxes, ApiJson.Default.SandboxDocumentArray, deadline.Token);
                names.LearnSandboxes(answer.Value.Select(sandbox => sandbox.Name));
            }
        }
        catch (Exception exception) when (exception is DaemonException or UsageException or OperationCanceledException)
        {
            // No daemon, no names: the verbs and options are offered all the same.
        }
    }
}

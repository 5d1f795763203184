using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Exec;

namespace Networking.Netctl.Verbs;

/// <summary><c>sandbox exec</c>: runs a command in the network namespace of a sandbox.</summary>
internal static class SandboxExecVerb
{
    public static void Define(Command command, Session session)
    {
        var name = Words.One("NAME", "name or id of the sandbox").CompletingSandboxes(session);
        var words = Words.Several("COMMAND", "the command and its arguments, best after --");
        words.CaptureRemainingTokens = true; // options behind the command are the command's
        command.Add(name);
        command.Add(words);
        session.SetAction(command, async (parse, cancellation) =>
        {
            SandboxDocument document;
            using (var daemon = session.Connect(parse))
            {
                var sandbox = await session.WaitAsync(
                    daemon.GetAsync(
                        ApiPath.Sandbox(parse.GetRequiredValue(name)), ApiJson.Default.SandboxDocument, cancellation),
                    "waiting for netd");
                document = sandbox.Value;
            }

            return await NamespaceCommand.RunAsync(session, document, parse.All(words), cancellation);
        });
    }
}

using System.CommandLine;
using System.Text;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>dns log</c>: the questions of a sandbox as they are answered.</summary>
internal static class DnsLogVerb
{
    public static void Define(Command command, Session session)
    {
        var sandbox = Words.Text("--sandbox", "SANDBOX", "whose questions").CompletingSandboxNames(session);
        sandbox.Required = true;
        var format = Words.Format("table");
        command.Add(sandbox);
        command.Add(format);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            session.Terminal.NoticeLostReader();
            await foreach (var line in daemon.LinesAsync(ApiPath.NameLog(parse.GetRequiredValue(sandbox)), cancellation))
            {
                var text = parse.IsJson(format) ? line + "\n" : DnsText.Of(AnswerJson.Read(Encoding.UTF8.GetBytes(line), ApiJson.Default.DnsLogDocument));
                try
                {
                    session.Terminal.Print(new Report(text));
                }
                catch (IOException)
                {
                    return Report.Silent with { Exit = ExitCode.ReaderGone };
                }
            }

            return ErrorText.Of("netd ended the log", "It stopped; start again.");
        });
    }
}

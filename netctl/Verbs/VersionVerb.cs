using System.CommandLine;
using System.Reflection;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>version</c>: ours, which is known in any case, and the daemon's. JSON is the daemon's answer.</summary>
internal static class VersionVerb
{
    public static void Define(Command command, Session session)
    {
        var format = Words.Format("table");
        command.Add(format);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            try
            {
                var answer = await session.WaitAsync(
                    daemon.GetAsync(ApiPath.Version, ApiJson.Default.VersionDocument, cancellation), "waiting for netd");
                return new Report(parse.IsJson(format) ? JsonText.Of(answer.Json) : Text(answer.Value, session.Style));
            }
            catch (DaemonUnreachableException exception) when (!parse.IsJson(format))
            {
                return Report.Join([new Report(Text(daemon: null, session.Style)), ErrorText.Of(exception)]);
            }
        });
    }

    private static string Text(VersionDocument? daemon, Style style) =>
        DetailText.Of(OwnVersion(), Environment.Version.ToString(), daemon, style);

    private static string OwnVersion() =>
        typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";
}

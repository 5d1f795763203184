using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>inspect</c> and <c>sandbox inspect</c>: one name gives the object as the API has it, several an array.</summary>
internal static class InspectVerb
{
    public static void DefineForNetworks(Command command, Session session) => Define(
        command, session, ApiPath.Network, ApiJson.Default.NetworkDocument, DetailText.Of,
        Words.Several("NETWORK", "names or ids of networks").CompletingNetworks(session));

    public static void DefineForSandboxes(Command command, Session session) => Define(
        command, session, ApiPath.Sandbox, ApiJson.Default.SandboxDocument, DetailText.Of,
        Words.Several("SANDBOX", "names or ids of sandboxes").CompletingSandboxes(session));

    private static void Define<T>(
        Command command, Session session, Func<string, string> path, JsonTypeInfo<T> type,
        Func<T, Style, string> detail, Argument<string[]> names)
    {
        var format = Words.Format("json");
        command.Add(names);
        command.Add(format);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var found = new List<Fetched<T>>();
            var failures = new List<Report>();
            foreach (var name in parse.All(names))
            {
                try
                {
                    found.Add(await session.WaitAsync(
                        daemon.GetAsync(path(name), type, cancellation), "waiting for netd"));
                }
                catch (DaemonRefusedException exception)
                {
                    failures.Add(ErrorText.Of(exception)); // the others are shown all the same
                }
            }

            var isTable = parse.GetValue(format) == "table";
            var text = isTable ? string.Join('\n', found.Select(item => detail(item.Value, session.Style)))
                : parse.All(names).Length > 1 ? JsonText.Of(found.Select(item => item.Json))
                : string.Concat(found.Select(item => JsonText.Of(item.Json)));
            return Report.Join([new Report(text), .. failures]);
        });
    }
}

using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>node ls</c>: members of the cluster as this host sees them.</summary>
internal static class NodeListVerb
{
    public static void Define(Command command, Session session)
    {
        var filters = Words.Texts("--filter", "KEY=VALUE", "only nodes with this status, id or address: status=failed", "-f");
        var format = Words.Format("table");
        var quiet = Words.Flag("--quiet", "ids only", "-q");
        command.Add(filters);
        command.Add(format);
        command.Add(quiet);
        session.SetAction(command, async (parse, cancellation) =>
        {
            var wanted = parse.All(filters).Select(static f => f.Split('=', 2)).ToList();
            if (wanted.FirstOrDefault(static f => f.Length != 2 || f[0] is not ("status" or "id" or "address")) is { } wrong)
            {
                throw new UsageException($"--filter {string.Join('=', wrong)}: there are status=, id= and address=.");
            }

            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(daemon.GetAsync(ApiPath.Nodes, ApiJson.Default.NodeDocumentArray, cancellation), "waiting for netd");
            NodeDocument[] nodes = [.. answer.Value.Where(n => wanted.All(f => Fits(n, f[0], f[1])))];
            return new Report(
                parse.IsJson(format) ? JsonText.Of(wanted.Count == 0 ? answer.Json : System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(nodes, ApiJson.Default.NodeDocumentArray))
                : parse.GetValue(quiet) ? string.Concat(nodes.Select(static n => Printable.Line(n.Id) + "\n"))
                : ClusterText.Of(nodes, session.Style));
        });
    }

    private static bool Fits(NodeDocument node, string key, string value) => key switch
    {
        "status" => node.Status == value,
        "id" => node.Id.StartsWith(value, StringComparison.Ordinal),
        _ => node.Address.StartsWith(value, StringComparison.Ordinal),
    };
}

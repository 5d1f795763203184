using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>ipam ls</c>: pools and subnets, or with a network its addresses.</summary>
internal static class IpamListVerb
{
    public static void Define(Command command, Session session)
    {
        var name = Words.Optional("NETWORK", "name or id of a network").CompletingNetworks(session);
        var format = Words.Format("table");
        var quiet = Words.Flag("--quiet", "subnets, or leased addresses, only", "-q");
        command.Add(name);
        command.Add(format);
        command.Add(quiet);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            if (parse.GetValue(name) is { } network)
            {
                var answer = await session.WaitAsync(
                    daemon.GetAsync(ApiPath.IpamNetwork(network), ApiJson.Default.IpamNetworkDocument, cancellation), "waiting for netd");
                return new Report(
                    parse.IsJson(format) ? JsonText.Of(answer.Json)
                    : parse.GetValue(quiet) ? IpamText.Leased(answer.Value)
                    : IpamText.Of(answer.Value, session.Style));
            }

            var all = await session.WaitAsync(
                daemon.GetAsync(ApiPath.Ipam, ApiJson.Default.IpamDocument, cancellation), "waiting for netd");
            return new Report(
                parse.IsJson(format) ? JsonText.Of(all.Json)
                : parse.GetValue(quiet) ? IpamText.Subnets(all.Value)
                : IpamText.Of(all.Value, session.Style));
        });
    }
}

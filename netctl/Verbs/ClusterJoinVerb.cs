using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;

namespace Networking.Netctl.Verbs;

/// <summary><c>cluster init</c> and <c>cluster join</c>.</summary>
internal static class ClusterJoinVerb
{
    public static void DefineInit(Command command, Session session)
    {
        var (listen, advertise) = Where(command);
        var words = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) => ClusterCall.SendAsync(
            session, parse, words.Read(parse), HttpMethod.Post, ApiPath.ClusterInit,
            Changes.Body(new InitClusterRequest { Listen = parse.GetValue(listen), Advertise = parse.GetValue(advertise) }, ApiJson.Default.InitClusterRequest),
            "beginning a cluster", cancellation));
    }

    public static void Define(Command command, Session session)
    {
        var addresses = Words.Several("ADDRESS", "members, as address or address:port; one that answers is enough");
        var keyFile = Words.Text("--key-file", "FILE", "file with a key of the cluster; - for standard input");
        command.Add(addresses);
        command.Add(keyFile);
        var (listen, advertise) = Where(command);
        var words = new MutationWords(command);
        session.SetAction(command, async (parse, cancellation) =>
        {
            var mutation = words.Read(parse);
            var request = new JoinClusterRequest
            {
                Addresses = [.. parse.All(addresses)],
                Key = await ClusterCall.ReadKeyAsync(parse.GetValue(keyFile), cancellation),
                Listen = parse.GetValue(listen),
                Advertise = parse.GetValue(advertise),
            };
            return await ClusterCall.SendAsync(
                session, parse, mutation, HttpMethod.Post, ApiPath.ClusterJoin, Changes.Body(request, ApiJson.Default.JoinClusterRequest), "joining", cancellation);
        });
    }

    private static (Option<string> Listen, Option<string> Advertise) Where(Command command)
    {
        var listen = Words.Text("--listen", "ADDRESS[:PORT]", "where to listen by UDP and TCP [default: every address, port 7946]");
        var advertise = Words.Text("--advertise", "ADDRESS[:PORT]", "where others reach this host [default: the default route's interface]");
        command.Add(listen);
        command.Add(advertise);
        return (listen, advertise);
    }
}

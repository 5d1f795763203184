using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;

namespace Networking.Netctl.Verbs;

/// <summary><c>disconnect</c>: takes an endpoint away.</summary>
internal static class DisconnectVerb
{
    public static void Define(Command command, Session session)
    {
        var network = Words.One("NETWORK", "name or id of the network").CompletingNetworks(session);
        var sandbox = Words.One("SANDBOX", "sandbox as for connect, or name or id of the endpoint")
            .CompletingSandboxes(session);
        var force = Words.Flag("--force", "also if the sandbox cannot be reached", "-f");
        command.Add(network);
        command.Add(sandbox);
        command.Add(force);
        var mutation = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) =>
        {
            var request = new DisconnectRequest { Sandbox = parse.GetRequiredValue(sandbox) };
            return Changes.SendAsync(
                session, parse, mutation.Read(parse),
                new ChangeCall(
                    HttpMethod.Post, ApiPath.Disconnect(parse.GetRequiredValue(network)),
                    $"disconnecting {request.Sandbox}", change => change.Name)
                {
                    Body = Changes.Body(request, ApiJson.Default.DisconnectRequest),
                    IsForced = parse.GetValue(force),
                },
                cancellation);
        });
    }
}

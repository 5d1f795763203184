using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;

namespace Networking.Netctl.Verbs;

/// <summary><c>firewall</c>: moves the host's firewall to another backend under what runs.</summary>
internal static class FirewallVerb
{
    private static readonly string[] Backends = ["auto", "nftables", "iptables", "none"];

    public static void Define(Command command, Session session)
    {
        var backend = Words.One("BACKEND", "auto, nftables, iptables or none; what it is now, and why, is in netctl info");
        backend.Validators.Add(result => Words.RefuseOthers(result, "BACKEND", Backends));
        backend.CompletionSources.Add(Backends);
        command.Add(backend);
        var mutation = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) =>
        {
            var request = new FirewallRequest { Backend = parse.GetRequiredValue(backend) };
            return Changes.SendAsync(
                session, parse, mutation.Read(parse),
                new ChangeCall(HttpMethod.Put, ApiPath.Firewall, $"moving the firewall to {request.Backend}", change => change.Name)
                {
                    Body = Changes.Body(request, ApiJson.Default.FirewallRequest),
                },
                cancellation);
        });
    }
}

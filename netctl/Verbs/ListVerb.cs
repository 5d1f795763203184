using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary><c>ls</c> and <c>sandbox ls</c>.</summary>
internal static class ListVerb
{
    public static void DefineForNetworks(Command command, Session session)
    {
        var words = new ListWords(command, Filter.NetworkKeys);
        session.SetAction(command, (parse, cancellation) => words.ListAsync(
            session, parse, ApiPath.Networks, ApiJson.Default.NetworkDocumentArray,
            new Listing<NetworkDocument>(
                (filter, network) => filter.Matches(network), network => network.Id, ListText.Of),
            cancellation));
    }

    public static void DefineForSandboxes(Command command, Session session)
    {
        var words = new ListWords(command, Filter.SandboxKeys);
        session.SetAction(command, (parse, cancellation) => words.ListAsync(
            session, parse, ApiPath.Sandboxes, ApiJson.Default.SandboxDocumentArray,
            new Listing<SandboxDocument>(
                (filter, sandbox) => filter.Matches(sandbox), sandbox => sandbox.Id, ListText.Of),
            cancellation));
    }
}

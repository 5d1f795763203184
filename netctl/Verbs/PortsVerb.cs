using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary><c>ports</c>: published ports, who can reach them, and which foreign rule says otherwise.</summary>
internal static class PortsVerb
{
    public static void Define(Command command, Session session)
    {
        var words = new ListWords(command, Filter.PortKeys);
        session.SetAction(command, (parse, cancellation) => words.ListAsync(
            session, parse, ApiPath.Ports, ApiJson.Default.PortDocumentArray,
            new Listing<PortDocument>(
                (filter, port) => filter.Matches(port), port => PortText.HostOf(port.Port), PortText.Of),
            cancellation));
    }
}

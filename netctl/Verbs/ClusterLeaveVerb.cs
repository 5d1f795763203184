using System.CommandLine;
using Networking.Netctl.Client;

namespace Networking.Netctl.Verbs;

/// <summary><c>cluster leave</c>: says goodbye.</summary>
internal static class ClusterLeaveVerb
{
    public static void Define(Command command, Session session)
    {
        var words = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) =>
            ClusterCall.SendAsync(session, parse, words.Read(parse), HttpMethod.Post, ApiPath.ClusterLeave, null, "saying goodbye", cancellation));
    }
}

using System.CommandLine;
using Networking.Netctl.Client;

namespace Networking.Netctl.Verbs;

/// <summary><c>rm</c> and <c>sandbox rm</c>: removes what is named, one after the other.</summary>
internal static class RemoveVerb
{
    public static void DefineForNetworks(Command command, Session session) => Define(
        command, session, ApiPath.Network, "network",
        Words.Several("NETWORK", "names or ids of networks").CompletingNetworks(session));

    public static void DefineForSandboxes(Command command, Session session) => Define(
        command, session, ApiPath.Sandbox, "sandbox",
        Words.Several("SANDBOX", "names or ids of sandboxes").CompletingSandboxes(session));

    private static void Define(
        Command command, Session session, Func<string, string> path, string kind, Argument<string[]> names)
    {
        var force = Words.Flag("--force", "take its endpoints along", "-f");
        command.Add(names);
        command.Add(force);
        var mutation = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) => Changes.SendEachAsync(
            session, parse, mutation.Read(parse),
            parse.All(names).Select(name => new ChangeCall(
                HttpMethod.Delete, path(name), $"removing {kind} {name}", change => change.Name)
            {
                IsForced = parse.GetValue(force),
            }),
            cancellation));
    }
}

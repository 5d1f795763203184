using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;

namespace Networking.Netctl.Verbs;

/// <summary><c>sandbox create</c>: a namespace kept by the daemon.</summary>
internal static class SandboxCreateVerb
{
    public static void Define(Command command, Session session)
    {
        var name = Words.One("NAME", "name of the sandbox");
        command.Add(name);
        var mutation = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) =>
        {
            var request = new CreateSandboxRequest { Name = parse.GetRequiredValue(name) };
            return Changes.SendAsync(
                session, parse, mutation.Read(parse),
                new ChangeCall(HttpMethod.Post, ApiPath.Sandboxes, $"creating sandbox {request.Name}", change => change.Id)
                {
                    Body = Changes.Body(request, ApiJson.Default.CreateSandboxRequest),
                },
                cancellation);
        });
    }
}

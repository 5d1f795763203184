using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>cluster keys ls|add|use|rm</c>: the ring of this host. Each host has its own, until managers hand keys out.</summary>
internal static class ClusterKeysVerb
{
    public static void DefineList(Command command, Session session)
    {
        var secrets = Words.Flag("--secrets", "the keys themselves, too; with --quiet only the one that seals");
        var format = Words.Format("table");
        var quiet = Words.Flag("--quiet", "tags only", "-q");
        command.Add(secrets);
        command.Add(format);
        command.Add(quiet);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var isOpen = parse.GetValue(secrets);
            var answer = await session.WaitAsync(
                daemon.GetAsync(ApiPath.ClusterKeysWith(isOpen), ApiJson.Default.ClusterKeyDocumentArray, cancellation), "waiting for netd");
            return new Report(
                parse.IsJson(format) ? JsonText.Of(answer.Json)
                : !parse.GetValue(quiet) ? ClusterText.Of(answer.Value, isOpen, session.Style)
                : string.Concat(answer.Value.Where(k => !isOpen || k.IsSealing).Select(static k => Printable.Line(k.Secret ?? k.Tag) + "\n")));
        });
    }

    public static void DefineAdd(Command command, Session session)
    {
        var keyFile = Words.Text("--key-file", "FILE", "file with the key, - for standard input [default: a key drawn anew]");
        command.Add(keyFile);
        var words = new MutationWords(command);
        session.SetAction(command, async (parse, cancellation) =>
        {
            var mutation = words.Read(parse);
            var request = new AddClusterKeyRequest { Key = await ClusterCall.ReadKeyAsync(parse.GetValue(keyFile), cancellation) };
            return await ClusterCall.SendAsync(
                session, parse, mutation, HttpMethod.Post, ApiPath.ClusterKeys, Changes.Body(request, ApiJson.Default.AddClusterKeyRequest), "adding a key", cancellation);
        });
    }

    public static void DefineUse(Command command, Session session) => DefineOne(command, session, HttpMethod.Post, ApiPath.ClusterKeyUse, "changing the key");

    public static void DefineRemove(Command command, Session session) => DefineOne(command, session, HttpMethod.Delete, ApiPath.ClusterKey, "removing a key");

    private static void DefineOne(Command command, Session session, HttpMethod method, Func<string, string> path, string doing)
    {
        var tag = Words.One("TAG", "four hex digits, as netctl cluster keys ls shows them");
        command.Add(tag);
        var words = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) =>
            ClusterCall.SendAsync(session, parse, words.Read(parse), method, path(parse.GetRequiredValue(tag)), null, doing, cancellation));
    }
}

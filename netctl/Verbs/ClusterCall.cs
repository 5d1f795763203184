using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Output;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary>A request that changes this host's place in a cluster, and its answer as a report.</summary>
internal static class ClusterCall
{
    public static async Task<Report> SendAsync(
        Session session, ParseResult parse, Mutation mutation, HttpMethod method, string path, byte[]? body, string doing, CancellationToken cancellation)
    {
        using var daemon = session.Connect(parse);
        var answer = await session.WaitAsync(
            daemon.SendAsync(method, mutation.Path(path), body, ApiJson.Default.ClusterDocument, mutation.Deadline, cancellation), doing);
        return new Report(
            mutation.IsJson ? JsonText.Of(answer.Json)
            : mutation.IsQuiet ? Printable.Line(answer.Value.NodeId ?? string.Empty) + "\n"
            : ClusterText.Lines(answer.Value));
    }

    /// <summary>A key from a file, or with <c>-</c> from standard input: never from the command line, which every process can read.</summary>
    public static async Task<string?> ReadKeyAsync(string? file, CancellationToken cancellation)
    {
        try
        {
            return file switch
            {
                null => null,
                "-" => (await Console.In.ReadLineAsync(cancellation))?.Trim(),
                _ => (await File.ReadAllTextAsync(file, cancellation)).Trim(),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--key-file {file}: {e.Message}");
        }
    }
}

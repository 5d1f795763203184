using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary>The way of every request that answers with a <see cref="ChangeDocument"/>.</summary>
internal static class Changes
{
    /// <summary>Sends one request and renders its answer.</summary>
    public static async Task<Report> SendAsync(
        Session session, ParseResult parse, Mutation mutation, ChangeCall call, CancellationToken cancellation)
    {
        using var daemon = session.Connect(parse);
        return await SendAsync(session, daemon, mutation, call, cancellation);
    }

    /// <summary>
    /// Sends one request for each name. A refusal of one does not stop the others, and all are reported; a daemon
    /// that cannot be reached ends it.
    /// </summary>
    public static async Task<Report> SendEachAsync(
        Session session, ParseResult parse, Mutation mutation, IEnumerable<ChangeCall> calls, CancellationToken cancellation)
    {
        using var daemon = session.Connect(parse);
        var reports = new List<Report>();
        foreach (var call in calls)
        {
            try
            {
                reports.Add(await SendAsync(session, daemon, mutation, call, cancellation));
            }
            catch (DaemonRefusedException exception)
            {
                reports.Add(ErrorText.Of(exception));
            }
            catch (Exception exception) when (exception is DaemonException or OperationCanceledException)
            {
                _ = session.Terminal.Print(Report.Join(reports)); // what is done is done
                throw;
            }
        }

        return Report.Join(reports);
    }

    /// <summary>A body as bytes.</summary>
    public static byte[] Body<T>(T request, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(request, type);

    private static async Task<Report> SendAsync(
        Session session, DaemonClient daemon, Mutation mutation, ChangeCall call, CancellationToken cancellation)
    {
        var answer = await session.WaitAsync(
            daemon.SendAsync(
                call.Method, mutation.Path(call.Path, call.IsForced), call.Body, ApiJson.Default.ChangeDocument,
                mutation.Deadline, cancellation),
            call.Doing);
        return ChangeText.Of(answer, mutation, session.Style, call.Line);
    }
}

/// <summary>One mutating request.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path without query.</param>
/// <param name="Doing">What the progress line says.</param>
/// <param name="Line">What is printed when it is done.</param>
internal sealed record ChangeCall(HttpMethod Method, string Path, string Doing, Func<ChangeDocument, string> Line)
{
    /// <summary>JSON body; null for none.</summary>
    public byte[]? Body { get; init; }

    /// <summary><c>?force=true</c>.</summary>
    public bool IsForced { get; init; }
}

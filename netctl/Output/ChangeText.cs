using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Output;

/// <summary>The answer to a mutating request, as a report.</summary>
internal static class ChangeText
{
    /// <summary>
    /// Renders an answer. <paramref name="line"/> is what a person or a script reads of a change that was made;
    /// with <c>--quiet</c> it is the id alone.
    /// </summary>
    public static Report Of(
        Fetched<ChangeDocument> answer, Mutation mutation, Style style, Func<ChangeDocument, string> line)
    {
        var change = answer.Value;
        if (mutation.IsDryRun && change.Plan is null)
        {
            // Never let a plan that was not made pass for one: the request may have been carried out.
            return ErrorText.Of(
                "netd sent no plan for a dry run; it may be older than netctl and have carried the request out.",
                "Look with netctl ls, and compare the versions with netctl version.");
        }

        var text = mutation.IsJson ? JsonText.Of(answer.Json)
            : change.Plan is { } plan ? PlanText.Render(plan, style)
            : (mutation.IsQuiet ? IdOf(change) : Printable.Line(line(change))) + "\n";
        return new Report(text, Warnings(change) + Partial(change.Status), ExitOf(change.Status));
    }

    /// <summary>An endpoint as one line: its name, where it is, its addresses, its ports.</summary>
    public static string Endpoint(ChangeDocument change) => change.Endpoint is not { } endpoint
        ? change.Name
        : string.Join(' ', new[] { endpoint.Name, endpoint.Interface, endpoint.Ipv4, endpoint.Ipv6 }
            .Concat(endpoint.Ports.Select(PortText.Word)).Where(part => part is not null));

    private static string IdOf(ChangeDocument change) => change.Endpoint?.Id ?? change.Id;

    private static string Warnings(ChangeDocument change) => change.Warnings.IsDefaultOrEmpty
        ? string.Empty
        : string.Concat(change.Warnings.Select(warning => $"warning: {Printable.Line(warning)}\n"));

    private static string Partial(StatusDocument? status) => status is null or { State: "done" }
        ? string.Empty
        : $"{status.State}: {Printable.Line(status.Reason ?? "no reason given")}\n";

    // Pending and removing are accepted and under way; only an error is a failure.
    private static int ExitOf(StatusDocument? status) => status is { State: "error" } ? ExitCode.Failed : ExitCode.Done;
}

using System.CommandLine;
using System.Globalization;
using Networking.Netctl.Client;
using Networking.Netctl.Output;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary><c>events</c>: what happens, as it happens.</summary>
internal static class EventsVerb
{
    public static void Define(Command command, Session session)
    {
        var follow = Words.Flag("--follow", "wait for more [default]; --follow=false ends after what is remembered");
        var since = Words.Text("--since", "NUMBER", "first the remembered events after this number; 0 for all");
        var format = Words.Format("table");
        var filter = Words.Texts("--filter", "KEY=VALUE", $"only those that match; keys: {string.Join(", ", Filter.EventKeys)}", "-f");
        filter.CompletionSources.Add([.. Filter.EventKeys.Select(key => key + "=")]);
        foreach (var option in new Option[] { follow, since, format, filter })
        {
            command.Add(option);
        }

        session.SetAction(command, async (parse, cancellation) =>
        {
            var isFollowing = parse.Written(follow) ?? true;
            var path = ApiPath.Events(Number(parse.GetValue(since), isFollowing), isFollowing);
            var feed = new EventFeed(Filter.Parse(parse.All(filter), Filter.EventKeys), parse.IsJson(format));
            using var daemon = session.Connect(parse);
            session.Terminal.NoticeLostReader();
            await foreach (var line in daemon.LinesAsync(path, cancellation))
            {
                var report = feed.Take(line, session.Style);
                try
                {
                    session.Terminal.Print(report);
                }
                catch (IOException)
                {
                    return Report.Silent with { Exit = ExitCode.ReaderGone };
                }
            }

            return isFollowing
                ? ErrorText.Of("netd ended the event stream", "It stopped, or this reader was too slow; start again with --since.")
                : Report.Silent;
        });
    }

    // Without following there would be nothing to show but what is remembered, so that is the default then.
    private static long? Number(string? text, bool isFollowing)
    {
        if (text is null)
        {
            return isFollowing ? null : 0;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new UsageException($"--since {text}: write the number of an event, as events --format json shows it.");
    }
}

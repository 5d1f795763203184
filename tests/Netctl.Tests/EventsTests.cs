using Networking.Netctl.Output;
using Networking.Netctl.Requests;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>The event stream.</summary>
public sealed class EventsTests
{
    [Fact]
    public async Task Json_passes_lines_through_as_they_came()
    {
        var (run, _) = await Run.AgainstAsync(
            CannedServer.Http(200, Samples.Event + "\n\n" + Samples.Event + "\n"), "events", "--follow=false", "--format", "json");
        Assert.Equal(Samples.Event + "\n" + Samples.Event + "\n", run.Out);
    }

    [Fact]
    public async Task An_ended_stream_is_a_failure_when_following()
    {
        await using var server = Samples.Serve();
        var run = await Run.InProcessAsync(server.Path, ["events"]);
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.StartsWith("netctl: netd ended the event stream", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_cut_off_in_a_line_is_a_failure()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(200, Samples.Event + "\n{\"seq", length: 5000), "events");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains("Network web was created.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_stream_is_an_error()
    {
        var (run, _) = await Run.AgainstAsync(CannedServer.Http(400, """{"code":"x","message":"no such event"}"""), "events");
        Assert.Equal(new Run(string.Empty, "netctl: no such event\n", ExitCode.Failed), run);
    }

    [Fact]
    public void What_has_no_name_is_told_by_its_kind_and_whole_short_id()
    {
        var feed = new EventFeed(Filter.Parse([], Filter.EventKeys), isJson: false);
        var line = """{"sequence":7,"time":"2026-03-14T15:09:20Z","type":"drift.found","object":"endpoint/0123456789ab","message":"A link was gone."}""";
        Assert.Contains("  endpoint/0123456789ab  A link was gone.", feed.Take(line, Run.Plain).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_numbers_are_noticed_also_behind_a_filter()
    {
        var feed = new EventFeed(Filter.Parse(["type=endpoint"], Filter.EventKeys), isJson: false);
        Assert.Equal(Report.Silent, feed.Take(Numbered(7), Run.Plain));
        Assert.Equal(Report.Silent, feed.Take(Numbered(8), Run.Plain));
        Assert.Contains("2 events were dropped", feed.Take(Numbered(11), Run.Plain).Error, StringComparison.Ordinal);
    }

    private static string Numbered(int sequence) =>
        Samples.Event.Replace("\"sequence\":7", $"\"sequence\":{sequence}", StringComparison.Ordinal);
}

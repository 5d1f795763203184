using System.Collections.Immutable;
using System.Text.Json;
using Networking.Netlab.Results;

namespace Networking.Netlab.Tests;

/// <summary>The four forms of a run's results say the same, whatever the reasons contain.</summary>
public sealed class ReportTests
{
    private static readonly ImmutableArray<ScenarioResult> s_results =
    [
        new("bridge-basic", "netns", Outcome.Passed, null, 12.34),
        new("firewall-flush", "netns", Outcome.Failed, "on h1, code 1:\n<b>\u001b[31mred\u001b[0m & \"more\"\u0000", 3),
        new("macvlan-trunk-two-vlans", "netns", Outcome.NotRun, "needs 802.1Q", 0),
    ];

    [Fact]
    public void The_table_has_a_line_for_each_and_ends_in_the_counts()
    {
        var lines = Report.Table(s_results).TrimEnd().Split('\n');
        Assert.StartsWith("bridge-basic", lines[1], StringComparison.Ordinal);
        Assert.Contains("needs 802.1Q", lines[3], StringComparison.Ordinal);
        Assert.Equal("1 passed, 1 failed, 1 not run", lines[^1]);
    }

    [Fact]
    public void Results_json_names_scenario_provider_outcome_and_reason()
    {
        using var json = JsonDocument.Parse(Report.Json(s_results));
        var all = json.RootElement.EnumerateArray().ToArray();
        Assert.Equal(["passed", "failed", "not run"], all.Select(static r => r.GetProperty("outcome").GetString()));
        Assert.Equal("macvlan-trunk-two-vlans", all[2].GetProperty("id").GetString());
        Assert.Equal("netns", all[2].GetProperty("provider").GetString());
        Assert.Equal("needs 802.1Q", all[2].GetProperty("reason").GetString());
        Assert.Equal(12.3, all[0].GetProperty("seconds").GetDouble());
    }

    [Fact]
    public void JUnit_has_a_failure_and_a_skip_and_can_be_read_back_whatever_a_program_said()
    {
        using var stream = new MemoryStream();
        Report.JUnit(s_results).Save(stream);
        stream.Position = 0;
        var suite = System.Xml.Linq.XDocument.Load(stream).Root!;
        Assert.Equal("3", suite.Attribute("tests")!.Value);
        Assert.Equal("1", suite.Attribute("failures")!.Value);
        Assert.Equal("1", suite.Attribute("skipped")!.Value);
        Assert.Equal("firewall-flush", suite.Descendants("failure").Single().Parent!.Attribute("name")!.Value);
        Assert.Equal("macvlan-trunk-two-vlans", suite.Descendants("skipped").Single().Parent!.Attribute("name")!.Value);
    }

    [Fact]
    public void The_page_escapes_what_programs_said_and_links_what_was_kept_of_failures()
    {
        var page = Report.Html(s_results);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;", page, StringComparison.Ordinal);
        Assert.Contains("href=\"firewall-flush/\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"bridge-basic/\"", page, StringComparison.Ordinal);
    }
}

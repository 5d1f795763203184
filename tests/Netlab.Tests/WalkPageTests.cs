using System.Collections.Immutable;
using Networking.Netlab.Walks;

namespace Networking.Netlab.Tests;

/// <summary>The pages of docs/packet-walks: what stands on them is found, and what is wrong with it is shown.</summary>
public sealed class WalkPageTests
{
    private static readonly ImmutableArray<string> s_seen = ["the packet", "  forward 12  drop", "  to eth0"];

    [Fact]
    public void Every_walk_stands_on_its_page_and_the_pages_have_no_others() => Assert.Equal(
        WalkList.All.Select(static w => $"{w.Page}: {w.Title}").Order(StringComparer.Ordinal),
        WalkPage.All().SelectMany(static p => p.Walks.Select(w => $"{p.Name}: {w.Title}")).Order(StringComparer.Ordinal));

    [Fact]
    public void No_walk_on_a_page_is_empty() => Assert.All(WalkPage.All().SelectMany(static p => p.Walks), static w => Assert.True(w.Lines.Length >= 2));

    [Fact]
    public void A_page_keeps_its_walks_apart_from_its_other_blocks() => Assert.Equal(
        [("first", "one\n  two"), ("second", "three")],
        WalkPage.Parse("out", "# Out\n\n```\nnft list\n```\n\n<!-- walk: first -->\n\n```\none\n  two\n```\ntext\n<!-- walk: second -->\n```\nthree\n```\n")
            .Walks.Select(static w => (w.Title, string.Join('\n', w.Lines))));

    [Fact]
    public void A_walk_as_it_is_printed_can_be_put_on_a_page() =>
        Assert.Equal(s_seen, Assert.Single(WalkPage.Parse("out", WalkPage.Block("title", s_seen)).Walks).Lines);

    [Theory]
    [InlineData("<!-- walk: lost -->\n\ntext\n")]
    [InlineData("<!-- walk: lost -->\n\n```\nwithout an end\n")]
    [InlineData("<!-- walk: lost -->")]
    [InlineData("<!-- walk: lost -->\n```\na\n```\n<!-- walk: lost -->\n```\na\n```\n")]
    public void A_walk_without_its_block_or_there_twice_is_refused_by_name(string page) =>
        Assert.Contains("'lost'", Assert.Throws<FormatException>(() => WalkPage.Parse("out", page)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_page_that_is_true_has_no_difference() =>
        Assert.Null(WalkDifference.Between(WalkPage.Parse("out", WalkPage.Block("title", s_seen)), "out", "title", s_seen));

    [Fact]
    public void A_changed_line_is_shown_beside_what_was_seen_with_the_block_that_would_be_true()
    {
        var page = WalkPage.Parse("out", WalkPage.Block("title", ["the packet", "  forward 11  drop", "  to eth0"]));
        var difference = WalkDifference.Between(page, "out", "title", s_seen);
        Assert.Contains("  the packet\n-   forward 11  drop\n+   forward 12  drop\n    to eth0\n", difference, StringComparison.Ordinal);
        Assert.EndsWith(WalkPage.Block("title", s_seen), difference, StringComparison.Ordinal);
    }

    [Fact]
    public void A_walk_that_the_page_lacks_is_given_as_a_block()
    {
        var page = WalkPage.Parse("out", WalkPage.Block("another", s_seen));
        Assert.EndsWith(WalkPage.Block("title", s_seen), WalkDifference.Between(page, "out", "title", s_seen), StringComparison.Ordinal);
        Assert.EndsWith(WalkPage.Block("title", s_seen), WalkDifference.Between(null, "out", "title", s_seen), StringComparison.Ordinal);
    }
}

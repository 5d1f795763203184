using Networking.Netctl.Output;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>The table printer and what it stands on.</summary>
public sealed class TableTests
{
    private static readonly Style Coloured = Run.Plain with { HasColour = true };

    [Fact]
    public void Columns_align_and_numbers_stand_to_the_right()
    {
        var table = new Table(new("NAME"), new("COUNT", IsNumber: true), new("NOTE"));
        table.Add("a", "7", "first");
        table.Add("longer", "1234567", string.Empty);
        Assert.Equal(
            """
            NAME       COUNT   NOTE
            a              7   first
            longer   1234567

            """,
            table.Render(Run.Plain));
    }

    [Fact]
    public void Wide_and_combining_characters_keep_the_columns()
    {
        var table = new Table(new("A"), new("B"));
        table.Add("網路", "x");
        table.Add("e\u0301te\u0301", "y"); // three columns, five characters
        table.Add("abcd", "z");
        Assert.Equal("A      B\n網路   x\ne\u0301te\u0301    y\nabcd   z\n", table.Render(Run.Plain));
    }

    [Fact]
    public void The_widest_column_is_cut_first()
    {
        var table = new Table(new("SHORT"), new("LONG"));
        table.Add("abcde", new string('x', 50));
        Assert.Equal("SHORT   LONG\nabcde   xxxxxxxxxxx…\n", table.Render(Run.Plain with { Width = 20 }));
    }

    [Fact]
    public void A_hopeless_width_leaves_columns_readable()
    {
        var table = new Table(new("ONE"), new("TWO"));
        table.Add("abcdefgh", "ijklmnop");
        Assert.Equal("ONE     TWO\nabcd…   ijkl…\n", table.Render(Run.Plain with { Width = 3 }));
    }

    [Fact]
    public void A_cut_never_splits_a_wide_character() =>
        Assert.Equal("網…", DisplayWidth.Cut("網路網路", 4));

    [Fact]
    public void Colour_takes_no_width()
    {
        var table = new Table(new("STATE"), new("N"));
        table.Add(new Cell("done", Ink.Good), "1");
        Assert.Equal("\e[2mSTATE\e[0m   \e[2mN\e[0m\n\e[32mdone\e[0m    1\n", table.Render(Coloured));
    }

    [Fact]
    public void A_name_cannot_move_the_cursor()
    {
        var table = new Table(new Column("NAME"));
        table.Add("a\e[2Jb\nc\u202ed");
        Assert.Equal("NAME\na\\u001b[2Jb\\nc\\u202ed\n", table.Render(Run.Plain));
    }

    [Fact]
    public void A_row_with_a_cell_too_few_is_a_mistake() =>
        Assert.Throws<ArgumentException>(() => new Table(new("A"), new("B")).Add("a"));

    [Fact]
    public void A_plan_is_coloured_by_what_it_does()
    {
        var plan = new Model.Api.PlanDocument
        {
            Steps =
            [
                new() { Verb = "create", Kind = "link", Object = "x", Namespace = "host", Scope = "s", Text = "+ link x" },
                new() { Verb = "merge", Kind = "link", Object = "x", Namespace = "host", Scope = "s", Text = "link x" },
            ],
        };
        Assert.Equal("\e[32m+ link x\e[0m\n\e[36m? link x\e[0m\n", PlanText.Render(plan, Coloured));
    }

    [Theory]
    [InlineData(true, null, "xterm", true)]
    [InlineData(true, "", "xterm", true)]
    [InlineData(true, "1", "xterm", false)]
    [InlineData(true, null, "dumb", false)]
    [InlineData(true, null, null, false)]
    [InlineData(false, null, "xterm", false)]
    public void Colour_is_for_terminals_that_take_it(bool isTerminal, string? noColor, string? term, bool expected) =>
        Assert.Equal(expected, Terminal.TakesColour(isTerminal, name => name == "NO_COLOR" ? noColor : term));
}

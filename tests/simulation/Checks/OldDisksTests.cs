using Networking.Gossip;

namespace Networking.Simulation.Tests.Checks;

/// <summary>What a put back disk excuses, and what it does not: a wide excuse would hide mistakes.</summary>
public sealed class OldDisksTests
{
    private static readonly NodeId Owner = new(7);

    [Fact]
    public void An_older_value_is_excused_if_it_is_from_before_the_start_and_the_disk_is_named_afterwards()
    {
        var disks = Begun(isBehind: true, written: 10);
        disks.Written = 12;
        Assert.True(disks.Excuses(Owner, older: 9, newer: 12));
        Assert.NotNull(disks.Owing(Owner));
        disks.Named(Owner);
        Assert.Null(disks.Owing(Owner));
    }

    [Fact]
    public void Told_before_it_wrote_a_node_has_no_excuse()
    {
        var disks = Begun(isBehind: true, written: 10);
        disks.Named(Owner);
        disks.Written = 11;
        Assert.True(disks.Excuses(Owner, older: 9, newer: 11));
        Assert.NotNull(disks.Owing(Owner));
    }

    [Theory]
    [InlineData(true, 11)] // written by this start
    [InlineData(false, 9)] // its disk is of today
    public void Nothing_else_is_excused(bool isBehind, long older) => Assert.False(Begun(isBehind, written: 10).Excuses(Owner, older, newer: 12));

    [Fact]
    public void Of_a_node_that_never_began_nothing_is_excused() => Assert.False(Begun(isBehind: true, written: 10).Excuses(new NodeId(8), older: 1, newer: 2));

    private static OldDisks Begun(bool isBehind, long written)
    {
        var disks = new OldDisks { Written = written };
        disks.Began(Owner, isBehind);
        return disks;
    }
}

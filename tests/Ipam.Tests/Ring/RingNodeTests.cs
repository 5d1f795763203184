using System.Net;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Tests.Ring;

public sealed class RingNodeTests
{
    private const string Pool = "web";
    private static readonly IPNetwork Prefix = IPNetwork.Parse("10.32.0.0/16");

    [Fact]
    public void The_creator_owns_all_of_a_pool_and_leases_without_asking_anybody()
    {
        var (hood, first) = Begun();
        var before = hood.Done.Count;
        var leased = Assert.IsType<RingEffect.Leased>(hood.Lease(first, Pool));
        Assert.Equal(IPAddress.Parse("10.32.0.1"), leased.Address);
        Assert.Equal([leased], hood.Done.Skip(before).Select(static d => d.Effect));
        Assert.Equal(first.Id, Assert.Single(first.Ring(Pool).Claims).Owner);
    }

    [Fact]
    public void Whoever_has_nothing_gets_half_of_the_largest_free_range()
    {
        var (hood, first) = Begun();
        var second = Joined(hood, 2);
        var leased = Assert.IsType<RingEffect.Leased>(hood.Lease(second, Pool));
        Assert.Equal(IPAddress.Parse("10.32.128.31"), leased.Address);
        Assert.Equal(3, first.Ring(Pool).Count); // the last address is nobody's, and stays where it is
        Assert.Equal(first.Ring(Pool), second.Ring(Pool));
    }

    [Fact]
    public void After_its_term_a_node_leases_nothing_and_says_why()
    {
        var (hood, first) = Begun();
        hood.IsAuthorityAway = true;
        hood.Pass(hood.Options.Term - TimeSpan.FromSeconds(5));
        _ = Assert.IsType<RingEffect.Leased>(hood.Lease(first, Pool));
        hood.Pass(TimeSpan.FromSeconds(10));
        var refused = Assert.IsType<RingEffect.Refused>(hood.Lease(first, Pool));
        Assert.Equal(RefusalReason.NoTerm, refused.Reason);
        Assert.Contains("the authority does not answer", refused.Text, StringComparison.Ordinal);
        hood.IsAuthorityAway = false;
        hood.Pass(hood.Options.BackoffMax);
        _ = Assert.IsType<RingEffect.Leased>(hood.Lease(first, Pool));
    }

    [Fact]
    public void A_clock_that_is_set_back_ends_the_term()
    {
        var (hood, first) = Begun();
        hood.IsAuthorityAway = true;
        hood.Leap(TimeSpan.FromHours(-3));
        Assert.Equal(RefusalReason.NoTerm, Assert.IsType<RingEffect.Refused>(hood.Lease(first, Pool)).Reason);
    }

    [Fact]
    public void Without_the_authority_a_node_may_lease_as_many_again_as_it_has()
    {
        var (hood, first) = Begun();
        hood.IsAuthorityAway = true;
        var results = Enumerable.Range(0, hood.Options.OpenAhead + 1).Select(_ => hood.Lease(first, Pool)).ToList();
        Assert.Equal(hood.Options.OpenAhead - 1, results.Count(static r => r is RingEffect.Leased));
        hood.IsAuthorityAway = false;
        hood.Pass(hood.Options.BackoffMax);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.IsType<RingEffect.Leased>(hood.Lease(first, Pool)));
    }

    [Fact]
    public void An_address_that_is_asked_for_comes_from_its_owner()
    {
        var (hood, first) = Begun();
        var second = Joined(hood, 2);
        Assert.Equal(IPAddress.Parse("10.32.0.77"), Assert.IsType<RingEffect.Leased>(hood.Lease(second, Pool, "10.32.0.77")).Address);
        Assert.Equal(RefusalReason.Taken, Assert.IsType<RingEffect.Refused>(hood.Lease(first, Pool, "10.32.0.77")).Reason);
        Assert.Equal(RefusalReason.Reserved, Assert.IsType<RingEffect.Refused>(hood.Lease(second, Pool, "10.32.255.255")).Reason);
        Assert.Equal(RefusalReason.NotPossible, Assert.IsType<RingEffect.Refused>(hood.Lease(second, Pool, "10.99.0.1")).Reason);
    }

    [Fact]
    public void A_dead_nodes_ranges_come_back_after_its_term_and_what_it_had_open_last()
    {
        var (hood, first) = Begun();
        var second = Joined(hood, 2);
        _ = hood.Lease(second, Pool);
        hood.Remove(second);
        hood.Pass(hood.Options.ReclaimWait - hood.Options.ScanInterval);
        Assert.Contains(hood.Register.Nodes, static n => n.Owner == new OwnerId(2) && !n.Holdings.IsEmpty);
        hood.Pass(3 * hood.Options.ScanInterval);
        Assert.True(hood.Register.Nodes.Single(static n => n.Owner == new OwnerId(2)) is { State: RecordState.Reclaimed, Holdings.IsEmpty: true });
        Assert.Equal(RefusalReason.Withheld, Assert.IsType<RingEffect.Refused>(hood.Lease(first, Pool, "10.32.128.32")).Reason);
        _ = Assert.IsType<RingEffect.Leased>(hood.Lease(first, Pool, "10.32.200.1"));
        hood.Pass(hood.Options.ReclaimAfter);
        _ = Assert.IsType<RingEffect.Leased>(hood.Lease(first, Pool, "10.32.128.32"));
    }

    [Fact]
    public void A_node_that_returns_keeps_what_is_free_and_yields_what_was_given_again()
    {
        var (hood, first) = Begun();
        var second = Joined(hood, 2);
        var kept = (RingEffect.Leased)hood.Lease(second, Pool);
        var lost = (RingEffect.Leased)hood.Lease(second, Pool);
        hood.Remove(second);
        hood.Pass(hood.Options.ReclaimWait + (3 * hood.Options.ScanInterval) + hood.Options.ReclaimAfter);
        _ = Assert.IsType<RingEffect.Leased>(hood.Lease(first, Pool, lost.Address.ToString()));
        hood.Nodes.Add(second);
        hood.Tell(first, new RingInput.MemberChanged(second.Id, true));
        hood.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(lost.Address, Assert.Single(hood.Of<RingEffect.LeaseLost>(second)).Address);
        Assert.NotEmpty(hood.Of<RingEffect.Lost>(second));
        Assert.Contains(hood.Of<RingEffect.Report>(second), static r => r.Trouble == RingTrouble.DuplicateLease);
        Assert.Empty(second.Orphans(Pool));
        Assert.Equal(RefusalReason.Taken, Assert.IsType<RingEffect.Refused>(hood.Lease(first, Pool, kept.Address.ToString())).Reason);
    }

    [Fact]
    public void A_disk_of_yesterday_is_named_and_what_was_open_is_withheld()
    {
        var (hood, first) = Begun();
        var yesterday = hood.DiskOf(first);
        var leased = (RingEffect.Leased)hood.Lease(first, Pool);
        hood.Pass(hood.Options.Term);
        _ = hood.Nodes.Remove(first);
        var again = hood.Add(1, yesterday);
        hood.Tell(again, new RingInput.OpenPool(Pool, Prefix, true));
        Assert.Contains(hood.Of<RingEffect.Report>(again), static r => r.Trouble == RingTrouble.OldDisk);
        Assert.Equal(RefusalReason.Withheld, Assert.IsType<RingEffect.Refused>(hood.Lease(again, Pool, leased.Address.ToString())).Reason);
        hood.Pass(TimeSpan.FromSeconds(5));
        hood.Tell(first, new RingInput.Tick());
        hood.Nodes.Add(first);
        hood.Pass(hood.Options.Term);
        Assert.True(first.IsStopped);
        Assert.Contains(hood.Of<RingEffect.Report>(first), static r => r.Trouble == RingTrouble.DuplicateNode);
    }

    /// <summary>A copy of the machine may have given it to another meanwhile: who uses it here goes on, nobody else gets it.</summary>
    [Fact]
    public void After_an_old_disk_an_address_in_use_stays_so_and_is_not_given_again_before_the_time_is_over()
    {
        var (hood, first) = Begun();
        var yesterday = hood.DiskOf(first);
        var (used, released) = ((RingEffect.Leased)hood.Lease(first, Pool), (RingEffect.Leased)hood.Lease(first, Pool));
        hood.Pass(hood.Options.Term);
        _ = hood.Nodes.Remove(first);
        var again = hood.Add(1, yesterday);
        hood.Tell(again, new RingInput.OpenPool(Pool, Prefix, true));
        hood.Tell(again, new RingInput.Restore(Pool, used.Address));
        hood.Tell(again, new RingInput.Restore(Pool, released.Address));
        hood.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal([used.Address, released.Address], again.Orphans(Pool));
        hood.Tell(again, new RingInput.Release(Pool, released.Address));
        Assert.Equal(RefusalReason.Withheld, Assert.IsType<RingEffect.Refused>(hood.Lease(again, Pool, released.Address.ToString())).Reason);
        hood.Pass(hood.Options.ReclaimAfter);
        Assert.Empty(again.Orphans(Pool));
        _ = Assert.IsType<RingEffect.Leased>(hood.Lease(again, Pool, released.Address.ToString()));
        Assert.Equal(RefusalReason.Taken, Assert.IsType<RingEffect.Refused>(hood.Lease(again, Pool, used.Address.ToString())).Reason);
    }

    /// <summary>Addresses in use that lie apart would each need a range of one: then the whole range is opened, when nobody else can use it.</summary>
    [Fact]
    public void With_no_room_for_more_ranges_a_withheld_one_is_opened_whole()
    {
        var (hood, first) = Begun(new RingOptions { HoldingsMax = 8 });
        var yesterday = hood.DiskOf(first);
        var used = Enumerable.Range(0, 40).Select(_ => ((RingEffect.Leased)hood.Lease(first, Pool)).Address).Where(static (_, i) => i % 2 == 0).ToList();
        hood.Pass(hood.Options.Term);
        _ = hood.Nodes.Remove(first);
        var again = hood.Add(1, yesterday);
        hood.Tell(again, new RingInput.OpenPool(Pool, Prefix, true));
        used.ForEach(a => hood.Tell(again, new RingInput.Restore(Pool, a)));
        hood.Pass(hood.Options.ReclaimAfter + TimeSpan.FromMinutes(1));
        Assert.Empty(again.Orphans(Pool));
        Assert.True(again.Record.Holdings.Length <= 8);
    }

    [Fact]
    public void A_restart_takes_its_leases_up_again()
    {
        var (hood, first) = Begun();
        var leased = (RingEffect.Leased)hood.Lease(first, Pool);
        _ = hood.Nodes.Remove(first);
        var again = hood.Add(1, hood.DiskOf(first));
        hood.Tell(again, new RingInput.OpenPool(Pool, Prefix, true));
        hood.Tell(again, new RingInput.Restore(Pool, leased.Address));
        Assert.Equal(RefusalReason.Taken, Assert.IsType<RingEffect.Refused>(hood.Lease(again, Pool, leased.Address.ToString())).Reason);
        Assert.Empty(again.Orphans(Pool));
    }

    /// <summary>Two machines with one id write over each other's rows; who stays must not leave the other's there.</summary>
    [Fact]
    public void A_row_in_its_name_that_it_did_not_write_is_written_again_and_not_more_often_than_once_a_tick()
    {
        var (hood, first) = Begun();
        var row = hood.Of<RingEffect.Publish>(first).Last().Row;
        var before = hood.Done.Count;
        hood.Tell(first, new RingInput.OwnRowSeen(Pool, 0, row));
        Assert.Equal(before, hood.Done.Count);
        hood.Tell(first, new RingInput.OwnRowSeen(Pool, 0, row with { FreeBits = 1 }));
        hood.Tell(first, new RingInput.OwnRowSeen(Pool, 0, null));
        hood.Tell(first, new RingInput.OwnRowSeen(Pool, 2, row));
        Assert.Equal([new RingEffect.Publish(Pool, 0, row)], hood.Done.Skip(before).Select(static d => d.Effect));
        hood.Pass(hood.Options.TickInterval);
        Assert.Equal([new RingEffect.Publish(Pool, 0, row), new RingEffect.Publish(Pool, 0, row), new RingEffect.Unpublish(Pool, 2)], hood.Done.Skip(before).Select(static d => d.Effect));
        hood.Tell(first, new RingInput.OwnRowSeen(Pool, hood.Options.HoldingsMax, row));
        Assert.Contains(hood.Of<RingEffect.Report>(first), static r => r.Trouble == RingTrouble.BadMessage);
    }

    [Fact]
    public void Another_range_under_the_same_name_is_refused_by_name()
    {
        var (hood, _) = Begun();
        var second = hood.Add(2);
        hood.Tell(second, new RingInput.OpenPool(Pool, IPNetwork.Parse("10.48.0.0/16"), true));
        hood.Pass(TimeSpan.FromSeconds(3));
        var refused = Assert.IsType<RingEffect.Refused>(hood.Lease(second, Pool));
        Assert.Contains("pool web is 10.32.0.0/16 in this cluster", refused.Text, StringComparison.Ordinal);
        Assert.Contains(hood.Of<RingEffect.Report>(second), static r => r.Trouble == RingTrouble.OtherPrefix);
    }

    [Fact]
    public void A_leaving_node_hands_over_what_it_has()
    {
        var (hood, first) = Begun();
        var second = Joined(hood, 2);
        _ = hood.Lease(second, Pool);
        hood.Tell(first, new RingInput.Leave());
        hood.Pass(TimeSpan.FromSeconds(5));
        _ = Assert.Single(hood.Of<RingEffect.Departed>(first));
        Assert.Equal(second.Id, Assert.Single(hood.Register.Nodes, static n => !n.Holdings.IsEmpty).Owner);
        _ = Assert.IsType<RingEffect.Leased>(hood.Lease(second, Pool, "10.32.0.9"));
    }

    private static (Neighbourhood Hood, RingNode First) Begun(RingOptions? options = null)
    {
        var hood = new Neighbourhood { Options = options ?? new RingOptions() };
        var first = hood.Add(1);
        hood.Tell(first, new RingInput.OpenPool(Pool, Prefix, true));
        hood.Pass(TimeSpan.FromSeconds(2));
        return (hood, first);
    }

    private static RingNode Joined(Neighbourhood hood, ulong id)
    {
        var node = hood.Add(id);
        hood.Tell(node, new RingInput.OpenPool(Pool, Prefix, false));
        hood.Pass(TimeSpan.FromSeconds(4));
        return node;
    }
}

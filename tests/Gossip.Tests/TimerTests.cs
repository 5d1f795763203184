using Networking.Gossip.Membership;
using Networking.Gossip.Wire;
using Networking.Model.Wire;

namespace Networking.Gossip.Tests;

public sealed class TimerTests
{
    [Fact]
    public void Suspicion_grows_with_the_logarithm_of_the_members()
    {
        var options = new GossipOptions();
        Assert.Equal(3.0, Suspicion.Least(options, 5).TotalSeconds, 3);
        Assert.Equal(6.0, Suspicion.Least(options, 100).TotalSeconds, 3);
        Assert.Equal(9.0, Suspicion.Least(options, 1000).TotalSeconds, 3);
    }

    [Fact]
    public void Each_other_that_doubts_shortens_the_wait_and_none_counts_twice()
    {
        var suspicion = new Suspicion(TimeSpan.Zero, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), 2, new NodeId(1));
        Assert.Equal(30, suspicion.Deadline.TotalSeconds, 3);
        Assert.False(suspicion.Confirm(new NodeId(1)));
        Assert.True(suspicion.Confirm(new NodeId(2)));
        Assert.InRange(suspicion.Deadline.TotalSeconds, 6, 29);
        Assert.True(suspicion.Confirm(new NodeId(3)));
        Assert.False(suspicion.Confirm(new NodeId(4)));
        Assert.Equal(5, suspicion.Deadline.TotalSeconds, 3);
    }

    [Fact]
    public void Time_that_leaps_is_lived_for_two_seconds_and_time_set_back_not_at_all()
    {
        var time = new ExperiencedTime();
        Assert.False(time.Advance(TimeSpan.FromHours(5), TimeSpan.Zero));
        Assert.False(time.Advance(TimeSpan.FromHours(5) + TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        Assert.Equal(1, time.Now.TotalSeconds, 3);
        Assert.True(time.Advance(TimeSpan.FromHours(9), TimeSpan.FromSeconds(2)));
        Assert.Equal(4, time.Now.TotalSeconds, 3);
        Assert.True(time.Advance(TimeSpan.FromHours(1), TimeSpan.FromSeconds(5)));
        Assert.Equal(4, time.Now.TotalSeconds, 3);
        Assert.Equal(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(2), time.Outside(TimeSpan.FromSeconds(6)));
    }

    [Fact]
    public void News_is_told_least_told_first_urgent_before_all_and_then_retired()
    {
        var queue = new BroadcastQueue<int>(100);
        queue.Add(1, [1]);
        queue.Add(2, [2]);
        queue.Add(9, [9], isUrgent: true);
        Assert.Equal([9, 1], Told(queue, room: 2));
        Assert.Equal([9, 2], Told(queue, room: 2));
        Assert.Equal([1, 2], Told(queue, room: 2));
        Assert.Empty(Told(queue, room: 2));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void News_of_one_subject_is_one_piece_and_the_newest()
    {
        var queue = new BroadcastQueue<int>(100);
        queue.Add(1, [1]);
        queue.Add(1, [7]);
        Assert.Equal([7], Told(queue, room: 9));
    }

    [Fact]
    public void A_full_queue_gives_up_what_was_told_most()
    {
        var queue = new BroadcastQueue<int>(2);
        queue.Add(1, [1]);
        _ = Told(queue, room: 1);
        queue.Add(2, [2]);
        queue.Add(3, [3]);
        Assert.Equal((2, 1L), (queue.Count, queue.DroppedCount));
        Assert.Equal([2, 3], Told(queue, room: 9));
    }

    [Fact]
    public void Options_say_everything_that_is_wrong_with_them()
    {
        Assert.Empty(new GossipOptions().Problems());
        var wrong = new GossipOptions { PacketBytes = 100, ProbeInterval = TimeSpan.Zero, GossipFanout = 0 };
        Assert.True(wrong.Problems().Length >= 3);
        Assert.Contains("PacketBytes is 100", string.Join(' ', wrong.Problems()), StringComparison.Ordinal);
    }

    private static byte[] Told(BroadcastQueue<int> queue, int room)
    {
        var writer = new WireWriter(WireLimits.ConversationBytesMax);
        _ = queue.FillInto(writer, room, tellings: 2);
        return writer.Written.ToArray();
    }
}

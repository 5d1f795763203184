using Networking.Kernel;
using Networking.Model;
using static Networking.Netlink.Tests.Objects;
using static Networking.Netlink.Tests.ScriptedChannel;

namespace Networking.Netlink.Tests;

public sealed class FirewallTransportTests
{
    private const int NoEntry = 2;
    private const int Exists = 17;
    private const int Invalid = 22;
    private const int DestroySet = 0xa1d;
    private const int DeleteSet = 0xa0b;

    private static readonly FirewallSetState Bridges = Set("bridges", FirewallType.InterfaceName);

    [Fact]
    public void Batch_without_a_refusal_is_done()
    {
        using var transport = new FirewallTransport(new ScriptedChannel(Done));

        var results = transport.Apply([Create(Table()), Create(Bridges)]);

        Assert.All(results, static r => Assert.True(r.IsDone));
        Assert.Equal(2, transport.LastBatchMessages);
    }

    [Fact]
    public void Refusal_names_the_element_at_its_offset_and_cancels_the_others()
    {
        KernelOperation[] operations = [Create(Element(Bridges, "br0")), Create(Element(Bridges, "br1")), Create(Element(Bridges, "br2"))];
        var second = OffsetOfElement(operations, 1);
        var channel = new ScriptedChannel(b => [Answer(b[1].Sequence, Exists, "no room", second)]);
        using var transport = new FirewallTransport(channel);

        var results = transport.Apply(operations);

        Assert.Equal("cannot create element netd bridges { br1 }: no room (EEXIST)", results[1].Error?.ToString());
        Assert.Equal(second, results[1].Error?.Offset);
        Assert.Equal("ECANCELED", results[0].Error?.ErrnoName);
        Assert.Equal(
            "cannot create element netd bridges { br2 }: not done: another operation of the same batch was refused (ECANCELED)",
            results[2].Error?.ToString());
    }

    [Fact]
    public void Refusal_of_the_set_itself_is_one_of_all_its_elements()
    {
        var channel = new ScriptedChannel(static b => [Answer(b[1].Sequence, NoEntry, offset: 36)]);
        using var transport = new FirewallTransport(channel);

        var results = transport.Apply([Create(Element(Bridges, "br0")), Create(Element(Bridges, "br1"))]);

        Assert.All(results, static r => Assert.Equal("ENOENT", r.Error?.ErrnoName));
    }

    [Fact]
    public void Every_refused_operation_is_named()
    {
        var channel = new ScriptedChannel(static b =>
            [Answer(b[1].Sequence, Exists), Answer(b[3].Sequence, Invalid), Answer(b[^2].Sequence, 0)]);
        using var transport = new FirewallTransport(channel);

        var results = transport.Apply([Create(Bridges), Create(Set("a", FirewallType.Port)), Create(Set("b", FirewallType.Port)), Create(Set("c", FirewallType.Port))]);

        Assert.Equal(["EEXIST", "ECANCELED", "EINVAL", "ECANCELED"], results.Select(static r => r.Error?.ErrnoName));
    }

    [Fact]
    public void Kernel_without_destroy_is_found_out_once_and_absence_stays_no_error()
    {
        var channel = new ScriptedChannel(
            static b => [Answer(b[1].Sequence, Invalid), .. Done(b)],
            static b => [Answer(b[1].Sequence, NoEntry), .. Done(b)],
            static b => Done(b),
            static b => Done(b));
        using var transport = new FirewallTransport(channel);

        var results = transport.Apply([Delete(Bridges), Create(Set("a", FirewallType.Port))]);
        transport.Apply([Delete(Bridges)]);

        Assert.All(results, static r => Assert.True(r.IsDone));
        Assert.False(transport.UsesDestroy);
        Assert.Equal([DestroySet, DeleteSet, 0xa09, DeleteSet], channel.Sent.Select(static b => b[1].Type));
    }

    [Fact]
    public void Deletions_in_a_table_that_is_gone_are_done()
    {
        var channel = new ScriptedChannel(static b => [.. b.GetRange(1, b.Count - 2).Select(static m => Answer(m.Sequence, NoEntry, offset: 20))]);
        using var transport = new FirewallTransport(channel);

        var results = transport.Apply([Delete(Element(Bridges, "br0")), Delete(Element(Bridges, "br1")), Delete(Bridges)]);

        Assert.All(results, static r => Assert.True(r.IsDone));
        Assert.Single(channel.Sent);
    }

    [Fact]
    public void Refusal_of_a_creation_is_not_taken_for_absence()
    {
        var channel = new ScriptedChannel(
            static b => [Answer(b[1].Sequence, NoEntry), Answer(b[2].Sequence, NoEntry)], static b => [Answer(b[1].Sequence, NoEntry)]);
        using var transport = new FirewallTransport(channel);

        var results = transport.Apply([Delete(Bridges), Create(Set("a", FirewallType.Port))]);

        Assert.Equal(["ECANCELED", "ENOENT"], results.Select(static r => r.Error?.ErrnoName));
    }

    [Fact]
    public void Refusal_of_the_batch_is_one_of_all()
    {
        using var transport = new FirewallTransport(new ScriptedChannel(static b => [Answer(b[0].Sequence, 1)]));

        var results = transport.Apply([Create(Table()), Create(Bridges)]);

        Assert.Equal(["cannot create table inet netd: (EPERM)", "cannot create set netd bridges InterfaceName: (EPERM)"], results.Select(static r => r.Error?.ToString()));
    }

    [Fact]
    public void Lost_answer_leaves_the_outcome_open_and_says_so()
    {
        using var transport = new FirewallTransport(new ScriptedChannel(static _ => [Lost]));

        var error = Assert.Single(transport.Apply([Create(Table())])).Error;

        Assert.Equal(("ENOBUFS", true), (error?.ErrnoName, error?.IsTransient));
    }

    [Fact]
    public void Loss_of_some_refusals_is_a_refusal()
    {
        using var transport = new FirewallTransport(new ScriptedChannel(static b => [Lost, Answer(b[1].Sequence, Exists)]));

        var results = transport.Apply([Create(Table()), Create(Bridges)]);

        Assert.Equal(["EEXIST", "ECANCELED"], results.Select(static r => r.Error?.ErrnoName));
    }

    [Fact]
    public void Answers_of_an_earlier_batch_and_of_others_are_passed_over()
    {
        var channel = new ScriptedChannel(
            static b => [Answer(b[0].Sequence, 12), Answer(b[^2].Sequence, 0)],
            static b => [Answer(b[1].Sequence, Exists, port: 5), Answer(b[^2].Sequence, 0)]);
        using var transport = new FirewallTransport(channel);

        Assert.False(transport.Apply([Create(Table())])[0].IsDone);
        Assert.True(transport.Apply([Create(Table())])[0].IsDone);
    }

    [Fact]
    public void Cut_answer_is_an_error()
    {
        using var transport = new FirewallTransport(new ScriptedChannel(static _ => [new byte[70_000]]));

        Assert.Equal("EMSGSIZE", transport.Apply([Create(Table())])[0].Error?.ErrnoName);
    }

    [Fact]
    public void Impossible_operation_is_refused_without_sending()
    {
        var channel = new ScriptedChannel();
        using var transport = new FirewallTransport(channel);

        var results = transport.Apply([Create(Table()), Create(Element(Bridges, "a name that is too long"))]);

        Assert.Empty(channel.Sent);
        Assert.Equal(["ECANCELED", "EINVAL"], results.Select(static r => r.Error?.ErrnoName));
    }

    [Fact]
    public void Reading_gives_up_when_the_kernel_changes_each_time()
    {
        var generation = 0u;
        IEnumerable<byte[]> Reply(List<WireMessage> request)
        {
            var sequence = request[0].Sequence;
            return request[0].Type == 0xa10
                ? [Message(0xa0f, sequence, (ref w) => w.PutUInt32BigEndian(1, generation++)), Answer(sequence, 0)]
                : [Answer(sequence, NoEntry)];
        }

        using var transport = new FirewallTransport(new ScriptedChannel([.. Enumerable.Repeat<Func<List<WireMessage>, IEnumerable<byte[]>>>(Reply, 100)]));

        var refused = Assert.Throws<KernelException>(() => transport.Observe(NetNs.Host, TableName));

        Assert.Equal("EINTR", refused.Error?.ErrnoName);
    }

    [Fact]
    public void Our_rule_is_not_called_taken_out_of_a_chain_that_could_not_be_read()
    {
        var channel = new ScriptedChannel([.. Enumerable.Repeat<Func<List<WireMessage>, IEnumerable<byte[]>>>(
            static request => [ScriptedChannel.Done(request[0].Sequence, NetlinkFlags.DumpInterrupted)], 100)]);
        using var transport = new FirewallTransport(channel);
        var admission = new ForeignAdmissionState { Namespace = NetNs.Host, Family = "ip", Table = "filter", Chain = "FORWARD", Mark = 1 };

        var refused = Assert.Throws<KernelException>(() => transport.Apply([Delete(admission)]));

        Assert.Equal(("EINTR", true), (refused.Error?.ErrnoName, refused.Error?.IsTransient));
        Assert.All(channel.Sent, static request => Assert.Equal(0xa07, Assert.Single(request).Type)); // NFT_MSG_GETRULE
    }

    private static int OffsetOfElement(KernelOperation[] operations, int index)
    {
        using var codec = new FirewallCodec();
        Assert.Null(codec.Encode(operations, 1));
        return codec.Batch.Find(2, null)[index].Offset + 4;
    }
}

using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink.Tests.Sockets;

/// <summary>A dump is whole, or an error that says what was read and why it is not; the next one on the same socket is whole again.</summary>
public sealed class DumpTests : IDisposable
{
    private const int AttemptsMax = 16;
    private static readonly List<byte[]> s_links = Capture.Dump("links");

    private readonly ScriptedKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void What_the_kernel_says_whole_is_read()
    {
        _kernel.Say(Whole(1));

        Assert.Equal(s_links.Count, Read().Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(40)]
    public void A_datagram_cut_in_its_last_message_is_an_error_and_not_half_an_answer(int bytesLeft)
    {
        byte[] datagram = [.. _kernel.Reply(s_links[0], 1), .. _kernel.Reply(s_links[1], 1).AsSpan(0, bytesLeft)];
        _kernel.Say(datagram, _kernel.Done(1));

        AssertRefused("EBADMSG", $"an answer of {datagram.Length} bytes ends in the middle of a message");
    }

    [Fact]
    public void A_message_cut_in_a_nest_is_an_error()
    {
        // The message is as long as it says, and the attribute in it is not.
        _kernel.Say(_kernel.Reply(ScriptedKernel.BridgeCutInNest(), 1), _kernel.Reply(s_links[0], 1), _kernel.Done(1));

        AssertRefused("EBADMSG", "bytes left");
    }

    [Fact]
    public void A_datagram_that_does_not_fit_is_an_error()
    {
        _kernel.Say([.. _kernel.Reply(s_links[0], 1), .. new byte[70_000]], _kernel.Done(1));

        AssertRefused("EMSGSIZE", "a message did not fit the receive buffer");
    }

    [Fact]
    public void An_end_that_is_cut_short_is_an_error()
    {
        var done = _kernel.Done(1)[..16];
        done[0] = 16;
        _kernel.Say(_kernel.Reply(s_links[0], 1), done);

        AssertRefused("EBADMSG", "the end of the answer is cut short");
    }

    [Fact]
    public void An_answer_without_an_end_is_given_up_in_time()
    {
        _kernel.Say(_kernel.Reply(s_links[0], 1));

        AssertRefused("ETIMEDOUT", "the kernel did not answer in time");
    }

    [Fact]
    public void A_kernel_that_never_answers_is_given_up_in_time() =>
        AssertRefused("ETIMEDOUT", "the kernel did not answer in time");

    [Fact]
    public void What_comes_too_late_is_not_taken_for_the_next_answer()
    {
        AssertRefused("ETIMEDOUT", "the kernel did not answer in time", isLast: false);
        _kernel.Say(_kernel.Reply(s_links[0], 1), _kernel.Done(1));
        _kernel.Say(_kernel.Reply(s_links[1], 2), _kernel.Done(2));

        Assert.Equal(LinkMessage.Read(s_links[1].AsSpan(16))?.Name, Assert.Single(Read()).Name);
    }

    [Fact]
    public void A_refusal_is_told_with_what_was_read()
    {
        _kernel.Say(_kernel.Answer(1, errno: 16));

        AssertRefused("EBUSY", "cannot read links: (EBUSY)");
    }

    [Fact]
    public void An_answer_that_another_process_was_meant_to_get_is_passed_over()
    {
        var foreign = _kernel.Reply(s_links[0], 1);
        foreign[12] ^= 1; // nlmsg_pid
        _kernel.Say(foreign, _kernel.Reply(s_links[1], 1), _kernel.Done(1));

        Assert.Single(Read());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(AttemptsMax - 1)]
    public void An_interrupted_dump_begins_anew_and_is_whole(int times)
    {
        for (var n = 1; n <= times; n++)
        {
            _kernel.Say(Interrupted((uint)n));
        }

        _kernel.Say(Whole((uint)times + 1));

        Assert.Equal(s_links.Count, Read().Count); // and nothing of the attempts before
        Assert.Equal(times + 1, Requests());
    }

    [Fact]
    public void A_dump_whose_end_alone_is_marked_begins_anew()
    {
        _kernel.Say(_kernel.Reply(s_links[0], 1), _kernel.Done(1, NetlinkFlags.DumpInterrupted));
        _kernel.Say(Whole(2));

        Assert.Equal(s_links.Count, Read().Count);
    }

    [Fact]
    public void A_dump_that_is_interrupted_for_ever_is_given_up_and_says_so()
    {
        for (var n = 1; n <= AttemptsMax; n++)
        {
            _kernel.Say(Interrupted((uint)n));
        }

        var error = AssertRefused("EINTR", $"cannot read links: interrupted by changes {AttemptsMax} times (EINTR)");

        Assert.True(error.IsTransient);
        Assert.Equal(AttemptsMax + 1, Requests()); // the last is that of AssertRefused, which was answered
    }

    [Fact]
    public void A_list_of_sockets_that_is_not_whole_is_not_taken_for_free_ports()
    {
        List<HostSocket> List() => SocketDump.Read(_kernel.Socket, PortProtocol.Tcp, 2, new PortRange(80, 80), SocketDump.Bound);
        Assert.Equal("list the host's sockets", Assert.Throws<KernelException>(List).Error?.Operation);

        _kernel.Say(_kernel.Answer(2, errno: 2)); // the kernel has no such list, which is known and said elsewhere
        Assert.Empty(List());
    }

    private IEnumerable<byte[]> Whole(uint sequence) => [.. s_links.Select(link => _kernel.Reply(link, sequence)), _kernel.Done(sequence)];

    private IEnumerable<byte[]> Interrupted(uint sequence) =>
        [_kernel.Reply(s_links[0], sequence), _kernel.Reply(s_links[1], sequence, NetlinkFlags.DumpInterrupted), _kernel.Done(sequence)];

    private List<LinkMessage> Read() => RouteReader.Links(_kernel.Socket, "read links");

    private KernelError AssertRefused(string errno, string text, bool isLast = true)
    {
        var before = _kernel.Socket.Counters.SendCalls;
        var error = Assert.Throws<KernelException>(Read).Error;
        Assert.NotNull(error);
        Assert.Equal((errno, "read links"), (error.ErrnoName, error.Operation));
        Assert.Contains(text, error.ToString(), StringComparison.Ordinal);
        if (isLast)
        {
            _kernel.Say(Whole((uint)(_kernel.Socket.Counters.SendCalls - before) + 1));
            Assert.Equal(s_links.Count, Read().Count);
        }

        return error;
    }

    private long Requests() => _kernel.Socket.Counters.SendCalls;
}

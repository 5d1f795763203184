using System.Net;
using Networking.Kernel;
using Networking.Model;
using static Networking.Netlink.Tests.Objects;

namespace Networking.Netlink.Tests.Sockets;

/// <summary>Each request is answered, or is an error that says why it is not; never is a silence taken for an answer.</summary>
public sealed class ExchangeTests : IDisposable
{
    private static readonly string s_name = LinkMessage.Read(ScriptedKernel.Bridge.AsSpan(16)).Name;

    private readonly ScriptedKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void A_kernel_that_never_answers_leaves_every_request_open_and_says_so()
    {
        var acks = Exchange(3);

        Assert.Equal(
            Enumerable.Repeat("cannot create x: the kernel did not answer in time (ETIMEDOUT)", 3), acks.Select(static a => a.ToError("create x").ToString()));
        Assert.All(acks, static a => Assert.True(a.ToError("x").IsTransient));
    }

    [Fact]
    public void Of_several_requests_the_unanswered_one_alone_is_open()
    {
        _kernel.Say(_kernel.Answer(1), _kernel.Answer(3, errno: 17));

        Assert.Equal([0, 110, 17], Exchange(3).Select(static a => a.Errno));
    }

    [Fact]
    public void An_acknowledgement_that_comes_twice_stands_for_no_other()
    {
        _kernel.Say(_kernel.Answer(1), _kernel.Answer(1));

        Assert.Equal([0, 110], Exchange(2).Select(static a => a.Errno));
    }

    [Fact]
    public void An_acknowledgement_that_comes_too_late_is_not_the_next_ones()
    {
        Assert.Equal(110, Assert.Single(Exchange(1)).Errno);
        _kernel.Say(_kernel.Answer(1), _kernel.Answer(2, errno: 17));

        Assert.Equal(17, Assert.Single(Exchange(1)).Errno);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(15)]
    public void An_acknowledgement_cut_in_its_header_is_none(int bytes)
    {
        _kernel.Say(_kernel.Answer(1)[..bytes]);

        Assert.Equal(110, Assert.Single(Exchange(1)).Errno);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(19)]
    public void An_acknowledgement_without_its_errno_is_no_success(int bytes)
    {
        var answer = _kernel.Answer(1)[..bytes];
        answer[0] = (byte)bytes;
        _kernel.Say(answer);

        Assert.Equal("the kernel's answer is cut short", Assert.Single(Exchange(1)).Text);
    }

    [Fact]
    public void An_answer_that_does_not_fit_is_asked_for_again_and_fits()
    {
        byte[] large = [.. ScriptedKernel.Bridge, .. new byte[6000]];
        _kernel.Say(_kernel.Reply(large, 1), _kernel.Answer(1));
        var replies = new CollectedReplies();

        Assert.Equal("EMSGSIZE", Assert.Single(Exchange(1, replies)).ToError("x").ErrnoName);
        Assert.Empty(replies.Messages);
        _kernel.Say(_kernel.Reply(large, 2), _kernel.Answer(2));
        Assert.True(Assert.Single(Exchange(1, replies)).IsDone);
        Assert.Equal(large.Length - 16, Assert.Single(replies.Messages).Body.Length);
    }

    [Fact]
    public void A_look_that_the_kernel_does_not_answer_is_not_taken_for_absence()
    {
        var silent = Assert.Throws<KernelException>(() => LinkQuery.Identify(_kernel.Socket, "br0"));
        Assert.Equal("cannot look for interface br0: the kernel did not answer in time (ETIMEDOUT)", silent.Message);

        _kernel.Say(_kernel.Reply(ScriptedKernel.BridgeCutInNest(), 2), _kernel.Answer(2));
        Assert.Equal("EBADMSG", Assert.Throws<KernelException>(() => LinkQuery.Get(_kernel.Socket, "br0")).Error?.ErrnoName);

        _kernel.Say(_kernel.Answer(3, errno: 19));
        Assert.False(LinkQuery.Identify(_kernel.Socket, "br0").IsThere);

        _kernel.Say(_kernel.Reply(ScriptedKernel.Bridge, 4), _kernel.Answer(4));
        Assert.True(LinkQuery.Identify(_kernel.Socket, s_name).IsThere);
    }

    [Fact]
    public void A_deletion_whose_interface_the_kernel_does_not_show_is_not_called_done()
    {
        var error = Assert.Single(Apply(Delete(Address("br0")))).Error;

        Assert.Equal(("ETIMEDOUT", true), (error?.ErrnoName, error?.IsTransient));
        Assert.Equal("cannot delete address 10.0.0.1/24 on br0: the kernel did not say whether interface br0 is there (ETIMEDOUT)", error?.ToString());

        _kernel.Say(_kernel.Answer(2, errno: 19));
        Assert.True(Assert.Single(Apply(Delete(Address("br0")))).IsDone); // with it its addresses are gone
    }

    [Theory]
    [InlineData(105, "ENOBUFS")]
    [InlineData(19, null)]
    public void A_bridge_whose_addresses_are_not_told_is_not_cut_with_them(int errno, string? refusal)
    {
        var bridge = new LinkState { Namespace = NetNs.Host, Name = s_name, Details = new BridgeLink() };
        var kernel = new Thread(() =>
        {
            _ = _kernel.Heard();
            _kernel.Say(_kernel.Reply(ScriptedKernel.Bridge, 1), _kernel.Answer(1));
            _ = _kernel.Heard();
            _kernel.Say(_kernel.Answer(2, errno));
            if (refusal is null)
            {
                _ = _kernel.Heard();
                _kernel.Say(_kernel.Answer(3), _kernel.Answer(4));
            }
        });
        kernel.Start();
        _kernel.Socket.SetReceiveTimeout(TimeSpan.FromSeconds(1)); // for that thread, on a machine that is busy

        var result = Assert.Single(Apply(Delete(bridge)));

        kernel.Join();
        Assert.Equal(refusal, result.Error?.ErrnoName); // nothing of a bridge that is gone is no refusal
    }

    [Fact]
    public void One_look_without_an_answer_leaves_the_rest_of_the_batch_alone()
    {
        using var listening = new ManualResetEventSlim();
        var kernel = new Thread(() =>
        {
            listening.Set();
            _ = _kernel.Heard();
            _kernel.Say(_kernel.Reply(ScriptedKernel.Bridge, 1), _kernel.Answer(1)); // and nothing of br9
            _ = _kernel.Heard();
            _kernel.Say(_kernel.Answer(3));
        });
        kernel.Start();
        listening.Wait(TestContext.Current.CancellationToken);
        _kernel.Socket.SetReceiveTimeout(TimeSpan.FromSeconds(1)); // for that thread, on a machine that is busy

        var results = Apply(Create(Address(s_name)), Create(Address("br9")));

        kernel.Join();
        Assert.True(results[0].IsDone);
        Assert.Equal("ETIMEDOUT", results[1].Error?.ErrnoName);
    }

    private static AddressState Address(string link) => new()
    {
        Namespace = NetNs.Host,
        Link = link,
        Address = new InterfaceAddress(IPAddress.Parse("10.0.0.1"), 24),
    };

    private NetlinkAck[] Exchange(int count, INetlinkReplies? replies = null)
    {
        var batch = new NetlinkBatch();
        for (var i = 0; i < count; i++)
        {
            var writer = batch.Begin();
            LinkEncoder.Get(ref writer, "br0");
            _ = batch.Commit(writer);
        }

        _kernel.Socket.Exchange(batch.Messages, batch.Acks, replies);
        return batch.Acks.ToArray();
    }

    private OperationResult[] Apply(params KernelOperation[] operations)
    {
        // No operation here needs another namespace.
        var transport = new RouteTransport(NetNs.Host, _kernel.Socket, null!, static _ => { }, null);
        var results = new OperationResult[operations.Length];
        transport.Apply(operations, results);
        return results;
    }
}

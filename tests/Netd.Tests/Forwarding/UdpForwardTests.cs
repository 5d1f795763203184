using System.Net;
using System.Net.Sockets;
using Networking.Netd.Forwarding;

namespace Networking.Netd.Tests.Forwarding;

/// <summary>Datagrams through the forwarder, seen from both ends.</summary>
public sealed class UdpForwardTests
{
    [Fact]
    public async Task Each_client_has_a_session_of_its_own_and_keeps_it()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target(ProtocolType.Udp);
        var port = lab.Forward(target);
        var (first, second) = (await lab.ClientAsync(port), await lab.ClientAsync(port));

        var one = await ExchangeAsync(first, target, "a");
        var two = await ExchangeAsync(second, target, "b");
        var again = await ExchangeAsync(first, target, "c");

        Assert.Equal(one, again);
        Assert.NotEqual(one, two);
        Assert.Equal(2, lab.Forwarder.Counters.Open.Sessions);
        await ForwarderLab.UntilAsync(() => lab.Forwarder.Counters.Bytes == (3, 6), $"counted are {lab.Forwarder.Counters.Bytes}");
        Assert.Empty(lab.Log);
    }

    [Fact]
    public async Task A_session_ends_after_ninety_seconds_of_silence_and_no_sooner()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target(ProtocolType.Udp);
        var port = lab.Forward(target);
        var (quiet, lively) = (await lab.ClientAsync(port), await lab.ClientAsync(port));
        var quietBefore = await ExchangeAsync(quiet, target, "a");
        var livelyBefore = await ExchangeAsync(lively, target, "a");

        lab.Time.Advance(TimeSpan.FromSeconds(80));
        Assert.Equal(livelyBefore, await ExchangeAsync(lively, target, "b"));
        Assert.Equal(2, lab.Forwarder.Counters.Open.Sessions);
        lab.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(1, lab.Forwarder.Counters.Open.Sessions);
        Assert.Equal(livelyBefore, await ExchangeAsync(lively, target, "c"));
        Assert.NotEqual(quietBefore, await ExchangeAsync(quiet, target, "c"));
    }

    [Fact]
    public async Task Answers_alone_keep_a_session()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target(ProtocolType.Udp);
        var client = await lab.ClientAsync(lab.Forward(target));
        var session = await ExchangeAsync(client, target, "a");

        for (var i = 0; i < 5; i++)
        {
            lab.Time.Advance(TimeSpan.FromSeconds(60));
            await target.SendToAsync("tick"u8.ToArray(), session, ForwarderLab.Cancel);
            Assert.Equal(4, await ForwarderLab.ReceiveAsync(client, new byte[9]));
        }

        Assert.Equal(1, lab.Forwarder.Counters.Open.Sessions);
    }

    [Fact]
    public async Task A_full_port_ends_the_session_that_was_silent_longest()
    {
        await using var lab = new ForwarderLab(new ForwarderOptions { SessionsPerPortMax = 2 });
        var target = lab.Target(ProtocolType.Udp);
        var port = lab.Forward(target);
        var (first, second, third) = (await lab.ClientAsync(port), await lab.ClientAsync(port), await lab.ClientAsync(port));
        var firstBefore = await ExchangeAsync(first, target, "1");
        var secondBefore = await ExchangeAsync(second, target, "2");
        Assert.Equal(firstBefore, await ExchangeAsync(first, target, "1"));

        _ = await ExchangeAsync(third, target, "3");

        Assert.Equal(firstBefore, await ExchangeAsync(first, target, "1"));
        Assert.NotEqual(secondBefore, await ExchangeAsync(second, target, "2"));
        Assert.Equal((2, 2), (lab.Forwarder.Counters.Open.Sessions, lab.Forwarder.Counters.Evicted));
    }

    [Fact]
    public async Task A_port_takes_room_from_itself_and_never_from_another()
    {
        await using var lab = new ForwarderLab(new ForwarderOptions { SessionsMax = 1 });
        var target = lab.Target(ProtocolType.Udp);
        var (rich, poor) = (lab.Forward(target), lab.Forward(target));
        _ = await ExchangeAsync(await lab.ClientAsync(rich), target, "a");
        await (await lab.ClientAsync(poor)).SendAsync("lost"u8.ToArray(), ForwarderLab.Cancel);
        await ForwarderLab.UntilAsync(() => !lab.Log.IsEmpty, "nothing is said of a datagram for which there is no room");

        _ = await ExchangeAsync(await lab.ClientAsync(rich), target, "b");

        Assert.Contains("there is no room for more clients", Assert.Single(lab.Log), StringComparison.Ordinal);
        Assert.Equal((1, 1), (lab.Forwarder.Counters.Open.Sessions, lab.Forwarder.Counters.Evicted));
    }

    [Fact]
    public async Task A_datagram_of_a_client_to_whom_the_port_is_not_exposed_is_dropped()
    {
        await using var lab = new ForwarderLab { Admits = static _ => false };
        var target = lab.Target(ProtocolType.Udp);
        var client = await lab.ClientAsync(lab.Forward(target));
        await client.SendAsync("no"u8.ToArray(), ForwarderLab.Cancel);
        await ForwarderLab.UntilAsync(() => lab.Forwarder.Counters.Refused == 1, "it is not counted");

        lab.Admits = static _ => true;

        _ = await ExchangeAsync(client, target, "yes");
        Assert.Equal(0, target.Available);
    }

    [Fact]
    public async Task A_target_that_refuses_for_a_while_is_tried_again_with_each_datagram()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target(ProtocolType.Udp);
        var endPoint = (IPEndPoint)target.LocalEndPoint!; // bound
        var port = lab.Forward(target);
        var client = await lab.ClientAsync(port);
        target.Dispose();
        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync("anybody?"u8.ToArray(), ForwarderLab.Cancel);
        }

        await ForwarderLab.UntilAsync(() => lab.Forwarder.Counters.Bytes.ToTargets == 5 * 8, "a datagram was not sent");

        _ = await ExchangeAsync(client, lab.Target(ProtocolType.Udp, endPoint.Port), "back");
        Assert.All(lab.Log, static line => Assert.Contains("the target refuses datagrams", line, StringComparison.Ordinal));
        Assert.InRange(lab.Log.Count, 0, 1); // the kernel tells the sender or the receiver, whoever asks first
    }

    [Fact]
    public async Task The_longest_datagrams_pass()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target(ProtocolType.Udp);
        var client = await lab.ClientAsync(lab.Forward(target));
        var longest = new byte[65_507];
        new Random(3).NextBytes(longest);

        await client.SendAsync(longest, ForwarderLab.Cancel);

        var buffer = new byte[70_000];
        var got = await target.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), ForwarderLab.Cancel);
        Assert.Equal(longest, buffer[..got.ReceivedBytes]);
        await target.SendToAsync(longest, got.RemoteEndPoint, ForwarderLab.Cancel);
        Assert.Equal(longest, buffer[..await ForwarderLab.ReceiveAsync(client, buffer)]);
    }

    [Fact]
    public async Task Empty_datagrams_pass()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target(ProtocolType.Udp);
        var client = await lab.ClientAsync(lab.Forward(target));

        await client.SendAsync(Array.Empty<byte>(), ForwarderLab.Cancel);

        var got = await target.ReceiveFromAsync(new byte[9], new IPEndPoint(IPAddress.Any, 0), ForwarderLab.Cancel);
        Assert.Equal(0, got.ReceivedBytes);
        await target.SendToAsync("after"u8.ToArray(), got.RemoteEndPoint, ForwarderLab.Cancel);
        Assert.Equal(5, await ForwarderLab.ReceiveAsync(client, new byte[9]));
    }

    [Fact]
    public async Task Removing_a_port_forgets_its_sessions_and_leaves_the_others()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target(ProtocolType.Udp);
        var (gone, kept) = (lab.Forward(target), lab.Forward(target));
        var keptClient = await lab.ClientAsync(kept);
        _ = await ExchangeAsync(await lab.ClientAsync(gone), target, "a");
        _ = await ExchangeAsync(keptClient, target, "b");

        await lab.Forwarder.RemoveAsync(gone).AsTask().WaitAsync(TimeSpan.FromSeconds(10), ForwarderLab.Cancel);

        Assert.Equal(1, lab.Forwarder.Counters.Open.Sessions);
        _ = await ExchangeAsync(keptClient, target, "c");
    }

    /// <summary>A question from the client and an answer twice as long; the session's end point, as the target sees it.</summary>
    private static async Task<IPEndPoint> ExchangeAsync(Socket client, Socket target, string question)
    {
        var buffer = new byte[100];
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(question), ForwarderLab.Cancel);
        var got = await target.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), ForwarderLab.Cancel).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(10), ForwarderLab.Cancel);
        Assert.Equal(question, System.Text.Encoding.ASCII.GetString(buffer, 0, got.ReceivedBytes));
        await target.SendToAsync(System.Text.Encoding.ASCII.GetBytes(question + question), got.RemoteEndPoint, ForwarderLab.Cancel);
        var answer = await ForwarderLab.ReceiveAsync(client, buffer);
        Assert.Equal(question + question, System.Text.Encoding.ASCII.GetString(buffer, 0, answer));
        return (IPEndPoint)got.RemoteEndPoint;
    }
}

using System.Net;
using System.Net.Sockets;
using Networking.Model;
using Networking.Netd.Forwarding;

namespace Networking.Netd.Tests.Forwarding;

/// <summary>Connections through the forwarder, seen from both ends.</summary>
public sealed class TcpForwardTests
{
    [Fact]
    public async Task The_end_of_one_direction_leaves_the_other_open()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target();
        var port = lab.Forward(target);

        var (client, accepted) = await lab.ConnectAsync(port, target);
        await client.SendAsync("question"u8.ToArray(), ForwarderLab.Cancel);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("question"u8.ToArray(), await ForwarderLab.ReadToEndAsync(accepted));
        await accepted.SendAsync("answer"u8.ToArray(), ForwarderLab.Cancel);
        accepted.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer"u8.ToArray(), await ForwarderLab.ReadToEndAsync(client));

        var (second, acceptedSecond) = await lab.ConnectAsync(port, target);
        acceptedSecond.Shutdown(SocketShutdown.Send);
        Assert.Empty(await ForwarderLab.ReadToEndAsync(second));
        await second.SendAsync("still heard"u8.ToArray(), ForwarderLab.Cancel);
        second.Shutdown(SocketShutdown.Send);
        Assert.Equal("still heard"u8.ToArray(), await ForwarderLab.ReadToEndAsync(acceptedSecond));

        await ForwarderLab.UntilAsync(() => lab.Forwarder.Counters.Open.Connections == 0, "ended connections stay open");
        Assert.Equal((8 + 11, 6), lab.Forwarder.Counters.Bytes);
    }

    [Fact]
    public async Task Many_bytes_arrive_as_they_were_sent_both_ways_at_once()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target();
        var (client, accepted) = await lab.ConnectAsync(lab.Forward(target), target);
        var (up, down) = (new byte[8_000_000], new byte[9_000_000]);
        new Random(1).NextBytes(up);
        new Random(2).NextBytes(down);

        var sending = Task.WhenAll(SendAsync(client, up), SendAsync(accepted, down));
        var received = await Task.WhenAll(ForwarderLab.ReadToEndAsync(accepted), ForwarderLab.ReadToEndAsync(client));
        await sending;

        Assert.True(up.AsSpan().SequenceEqual(received[0]) && down.AsSpan().SequenceEqual(received[1]));

        static async Task SendAsync(Socket socket, byte[] bytes)
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await socket.SendAsync(bytes.AsMemory(sent), ForwarderLab.Cancel);
            }

            socket.Shutdown(SocketShutdown.Send);
        }
    }

    [Fact]
    public async Task Hundreds_of_connections_go_on_beside_each_other()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target();
        var port = lab.Forward(target);
        var pairs = new List<(Socket Client, Socket Accepted)>();
        for (var i = 0; i < 200; i++)
        {
            pairs.Add(await lab.ConnectAsync(port, target));
        }

        Assert.Equal(200, lab.Forwarder.Counters.Open.Connections);
        for (byte i = 0; i < 200; i++)
        {
            await pairs[i].Client.SendAsync(new[] { i }, ForwarderLab.Cancel);
        }

        for (byte i = 0; i < 200; i++)
        {
            var buffer = new byte[9];
            Assert.Equal((1, i), (await ForwarderLab.ReceiveAsync(pairs[i].Accepted, buffer), buffer[0]));
        }
    }

    [Fact]
    public async Task A_client_is_reset_when_the_target_refuses_and_the_log_says_so_once()
    {
        await using var lab = new ForwarderLab();
        var gone = lab.Target();
        var endPoint = (IPEndPoint)gone.LocalEndPoint!; // bound
        gone.Dispose();
        var port = lab.Forward(endPoint);

        for (var i = 0; i < 3; i++)
        {
            await lab.IsResetAsync(port);
        }

        Assert.Equal(3, lab.Forwarder.Counters.Failed);
        var line = Assert.Single(lab.Log);
        Assert.Contains($"{port.EndPoint} -> {endPoint}/tcp: cannot connect to the target: Connection refused", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_is_reset_when_the_target_does_not_answer_in_time()
    {
        await using var lab = new ForwarderLab();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen(0); // one fits, and to the next the kernel does not answer
        using var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await filler.ConnectAsync(silent.LocalEndPoint!, ForwarderLab.Cancel); // bound
        var client = await lab.ClientAsync(lab.Forward((IPEndPoint)silent.LocalEndPoint!)); // bound
        await ForwarderLab.UntilAsync(() => lab.Time.NextDue is not null, "no timeout is set");

        lab.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, lab.Forwarder.Counters.Failed);
        lab.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(SocketError.ConnectionReset, await ForwarderLab.FailureAsync(client));
        Assert.Contains("no answer within 10 s", Assert.Single(lab.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_for_whom_no_socket_can_be_made_is_reset()
    {
        await using var lab = new ForwarderLab();
        await lab.IsResetAsync(lab.Forward(new StrangeEndPoint()));
        Assert.Contains("cannot connect to the target", Assert.Single(lab.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_on_either_side_resets_the_other()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target();
        var port = lab.Forward(target);

        var (client, accepted) = await lab.ConnectAsync(port, target);
        TcpRelay.Reset(accepted);
        Assert.Equal(SocketError.ConnectionReset, await ForwarderLab.FailureAsync(client));

        (client, accepted) = await lab.ConnectAsync(port, target);
        TcpRelay.Reset(client);
        Assert.Equal(SocketError.ConnectionReset, await ForwarderLab.FailureAsync(accepted));
    }

    [Fact]
    public async Task Silence_does_not_end_a_connection()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target();
        var (client, accepted) = await lab.ConnectAsync(lab.Forward(target), target);

        await ForwarderLab.UntilAsync(() => lab.Time.NextDue is null, "the timeout of connecting is still set");

        lab.Time.Advance(TimeSpan.FromDays(30));

        await client.SendAsync("late"u8.ToArray(), ForwarderLab.Cancel);
        Assert.Equal(4, await ForwarderLab.ReceiveAsync(accepted, new byte[9]));
    }

    [Fact]
    public async Task A_client_to_whom_the_port_is_not_exposed_is_closed_and_the_target_never_hears_of_it()
    {
        await using var lab = new ForwarderLab { Admits = static _ => false };
        var target = lab.Target();
        var port = lab.Forward(target);

        await lab.IsResetAsync(port);
        Assert.Equal(1, lab.Forwarder.Counters.Refused);
        Assert.False(target.Poll(0, SelectMode.SelectRead));

        lab.Admits = client => client.Equals(port.EndPoint.Address);
        _ = await lab.ConnectAsync(port, target);
    }

    [Fact]
    public async Task A_full_port_lets_clients_wait_and_no_other_port_with_them()
    {
        await using var lab = new ForwarderLab(new ForwarderOptions { ConnectionsPerPortMax = 1, ConnectionsMax = 2 });
        var (target, other) = (lab.Target(), lab.Target());
        var port = lab.Forward(target);
        var (first, _) = await lab.ConnectAsync(port, target);
        var second = await lab.ClientAsync(port); // into the backlog
        await second.SendAsync("patient"u8.ToArray(), ForwarderLab.Cancel);

        _ = await lab.ConnectAsync(lab.Forward(other), other);
        Assert.False(target.Poll(100_000, SelectMode.SelectRead));
        Assert.Equal(2, lab.Forwarder.Counters.Open.Connections);

        TcpRelay.Reset(first); // an end would leave the other direction open
        using var accepted = await target.AcceptAsync(ForwarderLab.Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), ForwarderLab.Cancel);
        Assert.Equal(7, await ForwarderLab.ReceiveAsync(accepted, new byte[9]));
    }

    [Fact]
    public async Task All_ports_together_have_a_limit_that_idle_ports_do_not_use_up()
    {
        await using var lab = new ForwarderLab(new ForwarderOptions { ConnectionsMax = 1 });
        var target = lab.Target();
        var ports = Enumerable.Range(0, 5).Select(_ => lab.Forward(target)).ToArray();

        var (first, _) = await lab.ConnectAsync(ports[4], target);
        _ = await lab.ClientAsync(ports[0]);
        Assert.False(target.Poll(100_000, SelectMode.SelectRead));

        TcpRelay.Reset(first); // an end would leave the other direction open
        using var accepted = await target.AcceptAsync(ForwarderLab.Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), ForwarderLab.Cancel);
    }

    [Fact]
    public async Task Removing_a_port_resets_its_connections_and_leaves_the_others()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target();
        var (gone, kept) = (lab.Forward(target), lab.Forward(target));
        var (goneClient, goneAccepted) = await lab.ConnectAsync(gone, target);
        var (keptClient, keptAccepted) = await lab.ConnectAsync(kept, target);

        await lab.Forwarder.RemoveAsync(gone);
        await lab.Forwarder.RemoveAsync(gone);

        Assert.Equal(1, lab.Forwarder.Counters.Open.Connections);
        Assert.Equal(SocketError.ConnectionReset, await ForwarderLab.FailureAsync(goneClient));
        Assert.Equal(SocketError.ConnectionReset, await ForwarderLab.FailureAsync(goneAccepted));
        await keptClient.SendAsync(new byte[] { 1 }, ForwarderLab.Cancel);
        Assert.Equal(1, await ForwarderLab.ReceiveAsync(keptAccepted, new byte[9]));
        gone.Socket.Dispose(); // its owner's, and now nobody's
    }

    [Fact]
    public async Task A_port_can_be_removed_while_clients_wait_for_room()
    {
        await using var lab = new ForwarderLab(new ForwarderOptions { ConnectionsPerPortMax = 1 });
        var target = lab.Target();
        var port = lab.Forward(target);
        _ = await lab.ConnectAsync(port, target);
        var waiting = await lab.ClientAsync(port);
        await Task.Delay(50, ForwarderLab.Cancel); // so that it is most likely accepted, and waits in the forwarder

        await lab.Forwarder.RemoveAsync(port).AsTask().WaitAsync(TimeSpan.FromSeconds(10), ForwarderLab.Cancel);
        port.Dispose();

        Assert.Equal(SocketError.ConnectionReset, await ForwarderLab.FailureAsync(waiting));
    }

    [Fact]
    public async Task What_cannot_be_forwarded_is_a_broken_promise()
    {
        await using var lab = new ForwarderLab();
        var target = lab.Target();
        var port = lab.Forward(target);

        Assert.Throws<InvariantException>(() => lab.Forwarder.Add(port, (IPEndPoint)target.LocalEndPoint!, PortExposure.World)); // bound
        Assert.Throws<InvariantException>(() => lab.Forward(new IPEndPoint(IPAddress.Loopback, 1), PortProtocol.Sctp));
    }

    // Of a family that has no sockets here: making one fails, as it does without descriptors.
    private sealed class StrangeEndPoint() : IPEndPoint(IPAddress.Loopback, 1)
    {
        public override AddressFamily AddressFamily => AddressFamily.AppleTalk;
    }
}
